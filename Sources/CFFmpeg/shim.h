// What the Swift importer cannot see of FFmpeg: function-like macros, casts and variadics.
#ifndef NEM_STREAM_CFFMPEG_SHIM_H
#define NEM_STREAM_CFFMPEG_SHIM_H

#include <dlfcn.h>
#include <errno.h>
#include <libavcodec/avcodec.h>
#include <libavdevice/version.h>
#include <libavformat/avformat.h>
#include <libavutil/avutil.h>
#include <libavutil/crc.h>
#include <libavutil/display.h>
#include <libavutil/imgutils.h>
#include <libavutil/log.h>
#include <libavutil/mathematics.h>
#include <libavutil/opt.h>
#include <libavutil/pixdesc.h>
#include <libavutil/sha.h>
#include <libswscale/swscale.h>

static const int NEM_AVERROR_EAGAIN = AVERROR(EAGAIN);
static const int NEM_AVERROR_ENOENT = AVERROR(ENOENT);
static const int NEM_AVERROR_ENOMEM = AVERROR(ENOMEM);
static const int NEM_AVERROR_ENOSPC = AVERROR(ENOSPC);
static const int NEM_AVERROR_EIO = AVERROR(EIO);
static const int NEM_AVERROR_EINVAL = AVERROR(EINVAL);
static const int NEM_AVERROR_EXIT = AVERROR_EXIT;
static const int NEM_AVERROR_EOF = AVERROR_EOF;
static const int NEM_AVERROR_INVALIDDATA = AVERROR_INVALIDDATA;
static const int NEM_AVERROR_DEMUXER_NOT_FOUND = AVERROR_DEMUXER_NOT_FOUND;
static const int64_t NEM_AV_NOPTS_VALUE = AV_NOPTS_VALUE;

// The FFmpeg code of a system error number.
static inline int nem_averror(int error_number) { return AVERROR(error_number); }

// Makes cameras and screens known to FFmpeg; 0 where their library is not installed. It is loaded here and not linked,
// because it brings so many libraries that every start of the program would take four times as long.
static inline int nem_register_devices(void) {
  void *library = dlopen("libavdevice.so." AV_STRINGIFY(LIBAVDEVICE_VERSION_MAJOR), RTLD_NOW | RTLD_GLOBAL);
  void (*register_all)(void) = library ? (void (*)(void))dlsym(library, "avdevice_register_all") : 0;
  if (register_all) register_all();
  return register_all != 0;
}

#endif
