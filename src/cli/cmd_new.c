/* onus new: writes a worked example into a folder of its own.
 *
 * The example room makes the tables; here is only the choice of the kind and what is said at the
 * end. It never writes into a folder that is there already. */
#include "cli.h"

#include <string.h>

#include "onus/example.h"
#include "onus/text.h"

static int refuse_kind(const cli_env *cli, const char *kind) {
    static const char *const kinds[] = {"place", "match", "affect"};
    for (size_t i = 1; i < sizeof kinds / sizeof kinds[0]; i++) {
        if (strcmp(kind, kinds[i]) == 0) {
            return cli_usage(cli, "this version cannot make a '%s' example; a later one will",
                             kind);
        }
    }
    const char *nearest = onus_text_nearest(kind, kinds, sizeof kinds / sizeof kinds[0]);
    return nearest != NULL ? cli_usage(cli, "unknown kind '%s'; did you mean '%s'?", kind, nearest)
                           : cli_usage(cli, "unknown kind '%s'; this version knows 'place'", kind);
}
