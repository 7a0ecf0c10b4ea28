#ifndef ONUS_VERSION_H
#define ONUS_VERSION_H
/** "0.1.0" */
const char *onus_version(void);
#endif
