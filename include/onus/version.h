/* What a reader must know to make the same numbers again. */
#ifndef ONUS_VERSION_H
#define ONUS_VERSION_H

/** The meaning of a seed: stays 1 for as long as every stream of exec.h keeps its draws. Written to
 *  every result. */
enum { ONUS_RNG_SCHEME = 1 };

/** "0.1.0" */
const char *onus_version(void);

#endif
