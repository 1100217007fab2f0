#ifndef NEM_STREAM_CSPAWN_SHIM_H
#define NEM_STREAM_CSPAWN_SHIM_H

#include <spawn.h>

// glibc has it since 2.34, and shows it only to sources that ask for its extensions.
int posix_spawn_file_actions_addclosefrom_np(posix_spawn_file_actions_t *actions, int from);

#endif
