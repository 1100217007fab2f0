// What the Swift importer cannot see of HDF5: macros that are function calls or casts.
#ifndef NEM_STREAM_CHDF5_SHIM_H
#define NEM_STREAM_CHDF5_SHIM_H

#include <hdf5.h>

static const hid_t NEM_H5P_DEFAULT = H5P_DEFAULT;
static const hid_t NEM_H5S_ALL = H5S_ALL;
static const hid_t NEM_H5E_DEFAULT = H5E_DEFAULT;

static inline unsigned nem_h5_read_only(void) { return H5F_ACC_RDONLY; }
static inline unsigned nem_h5_truncate(void) { return H5F_ACC_TRUNC; }
static inline hid_t nem_h5_dataset_creation(void) { return H5P_DATASET_CREATE; }
static inline hid_t nem_h5_native_float(void) { return H5T_NATIVE_FLOAT; }
static inline hid_t nem_h5_native_int32(void) { return H5T_NATIVE_INT32; }
static inline hid_t nem_h5_native_uint8(void) { return H5T_NATIVE_UINT8; }
static inline hid_t nem_h5_stored_float(void) { return H5T_IEEE_F32LE; }
static inline hid_t nem_h5_stored_uint8(void) { return H5T_STD_U8LE; }

#endif
