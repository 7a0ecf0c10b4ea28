/* Writes the report of the fixture into a folder: what the page's own tests and the schema's test
 * look at, without any evidence or trial. Usage: write_fixture DIR */
#include <stdio.h>

#include "fixture.h"
#include "onus/report.h"

int main(int argc, char **argv) {
    if (argc != 2) {
        (void)fprintf(stderr, "usage: write_fixture DIR\n");
        return 64;
    }
    fixture *f = fixture_new();
    const onus_report_opts opts = {
        .dir = argv[1], .replace = true, .command = "onus try town.yaml --data <folder> -o report"};
    onus_error err = ONUS_ERROR_INIT;
    const onus_status status = onus_report_write(&f->result, &opts, NULL, &err);
    if (status != ONUS_OK) {
        char text[1200];
        (void)fprintf(stderr, "%s\n", onus_error_format(&err, text, sizeof text));
    }
    fixture_free(f);
    return onus_status_exit_code(status);
}
