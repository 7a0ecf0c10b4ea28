/* The version, said once: the build hands in what meson.build names as the project's version, and
 * the command line, results.json and the report all ask here. */
#include "onus/version.h"

const char *onus_version(void) {
    return ONUS_VERSION;
}
