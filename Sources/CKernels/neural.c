#include "neural.h"
