#ifndef NEM_STREAM_GMM_H
#define NEM_STREAM_GMM_H

#endif
