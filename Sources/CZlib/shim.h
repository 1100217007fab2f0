#ifndef NEM_STREAM_CZLIB_SHIM_H
#define NEM_STREAM_CZLIB_SHIM_H

#include <zlib.h>

#endif
