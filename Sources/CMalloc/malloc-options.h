// mallopt(3): glibc's own options of malloc, which Swift's Glibc module leaves out.
#include <malloc.h>
