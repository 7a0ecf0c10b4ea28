/* onus version: what this binary is. The versions of the libraries that took part in a run stand in
 * its results.json, where they matter. It never fails. */
#include "cli.h"

#include "onus/exec.h"
#include "onus/version.h"

int cmd_version(cli_env *cli, const cli_args *args) {
    (void)cli;
    (void)args;
    printf("onus %s\nrandom numbers: scheme %d\n", onus_version(), (int)ONUS_RNG_SCHEME);
    cli_ranks_print_versions(stdout);
    return 0;
}
