#ifndef NEM_STREAM_NEURAL_H
#define NEM_STREAM_NEURAL_H

#endif
