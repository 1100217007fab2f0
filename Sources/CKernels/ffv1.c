#include "ffv1.h"
