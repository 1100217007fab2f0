#ifndef NEM_STREAM_FFV1_H
#define NEM_STREAM_FFV1_H

#endif
