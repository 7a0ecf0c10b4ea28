/* Status codes as names, texts and exit codes.
 *
 * One X-macro list in status.h makes the enum and, here, three tables that can therefore never fall
 * out of step. Every room returns these codes; only src/cli turns them into exit codes. Values
 * outside the list (a corrupted or future code) are answered as a bug of ours, never by reading
 * past a table. */
#include "onus/status.h"

#include <stddef.h>

static const char *const status_names[] = {
#define STATUS_NAME(name, exit_code, text) #name,
    ONUS_STATUS_LIST(STATUS_NAME)
#undef STATUS_NAME
};

static const char *const status_texts[] = {
#define STATUS_TEXT(name, exit_code, text) text,
    ONUS_STATUS_LIST(STATUS_TEXT)
#undef STATUS_TEXT
};

static const int status_exit_codes[] = {
#define STATUS_EXIT_CODE(name, exit_code, text) exit_code,
    ONUS_STATUS_LIST(STATUS_EXIT_CODE)
#undef STATUS_EXIT_CODE
};

/* The unsigned view catches negative values too, whichever type the compiler gives the enum. */
static int is_listed(onus_status status) {
    return (unsigned)status < (unsigned)ONUS_N_STATUS;
}

const char *onus_status_name(onus_status status) {
    return is_listed(status) ? status_names[status] : "unknown";
}

const char *onus_status_text(onus_status status) {
    return is_listed(status) ? status_texts[status] : "unknown status";
}

int onus_status_exit_code(onus_status status) {
    return is_listed(status) ? status_exit_codes[status] : status_exit_codes[ONUS_ERR_BUG];
}
