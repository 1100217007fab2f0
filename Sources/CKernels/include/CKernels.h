// The project's one C target: loops that need a wider instruction set than the baseline, chosen at run time.
#ifndef NEM_STREAM_CKERNELS_H
#define NEM_STREAM_CKERNELS_H

#include "chroma.h"
#include "colours.h"
#include "gmm.h"
#include "expectation.h"
#include "ffv1.h"
#include "ffv1_labels.h"
#include "grid.h"
#include "labels.h"
#include "maximum.h"
#include "mixture.h"
#include "motion.h"
#include "neural.h"
#include "placement.h"
#include "shadow.h"
#include "tracker.h"

#endif
