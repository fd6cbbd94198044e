/* The second call is about somebody else; whom the first one was about has withdrawn in between. */
#include "../kept_data.h"
