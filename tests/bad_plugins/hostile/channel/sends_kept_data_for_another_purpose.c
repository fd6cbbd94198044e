/* The second call is for another purpose than the one that brought the data. */
#include "../kept_data.h"
