// Where a window is in a frame that is the maximum of what several slots draw.
#ifndef NEM_STREAM_MAXIMUM_H
#define NEM_STREAM_MAXIMUM_H

#include <stddef.h>

#include "placement.h"

// Floats that one row of nem_place_evidence works in.
size_t nem_place_evidence_scratch(struct nem_placement shape);

// evidence [rows, places along y, places along x] = log P(frame | max(others, window at the place)) − log P(frame | others)
// with P = ψˣ (1 − ψ)¹⁻ˣ at each pixel; around the picture all is dark. frames and others are [rows, height, width],
// windows [rows, side, side]: channels must be 1. ψ is kept `least` from 0 and 1. scratch is for all rows.
void nem_place_evidence(struct nem_placement shape, const float *frames, const float *others, const float *windows,
                        float least, float *scratch, float *evidence);

#endif
