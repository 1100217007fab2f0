#include "gmm.h"
