/* Shifts of the day, as a case writes them: "06:00-18:00".
 *
 * A day has 1440 minutes, so which shift holds which is a table, and overlaps show by themselves.
 * Called by check.c, which refuses what cannot be read, and by trials. Knows no date and no zone:
 * minutes are those of the clock on the wall. */
#include <string.h>

#include "onus/case.h"

enum { HOUR = 60 };

/* "06:30" at *text, moved behind it; -1: not a time of day. 24:00 is one. */
static int minute_of(const char **text) {
    const char *s = *text;
    int part[2];
    for (int k = 0; k < 2; k++) {
        if (s[0] < '0' || s[0] > '9' || s[1] < '0' || s[1] > '9' || (k == 0 && s[2] != ':')) {
            return -1;
        }
        part[k] = 10 * (s[0] - '0') + (s[1] - '0');
        s += k == 0 ? 3 : 2;
    }
    *text = s;
    const int minute = HOUR * part[0] + part[1];
    return part[1] < HOUR && minute <= ONUS_MINUTES_A_DAY ? minute : -1;
}

static bool read_range(const char *text, int *from, int *until) {
    *from = minute_of(&text);
    if (*from < 0 || *from == ONUS_MINUTES_A_DAY || *text++ != '-') {
        return false;
    }
    *until = minute_of(&text);
    return *until >= 0 && *until != *from && *text == '\0';
}

bool onus_case_shifts(const onus_mapping *shifts, size_t n_shifts,
                      int32_t of_minute[ONUS_MINUTES_A_DAY], size_t *bad, const char **why) {
    for (int m = 0; m < ONUS_MINUTES_A_DAY; m++) {
        of_minute[m] = -1;
    }
    for (size_t s = 0; s < n_shifts; s++) {
        *bad = s;
        for (size_t v = 0; v < shifts[s].values.n; v++) {
            int from = 0;
            int until = 0;
            if (!read_range(shifts[s].values.items[v], &from, &until)) {
                *why = "is no stretch of the day such as '06:00-18:00'";
                return false;
            }
            const int length = until > from ? until - from : until - from + ONUS_MINUTES_A_DAY;
            for (int k = 0; k < length; k++) {
                const int m = (from + k) % ONUS_MINUTES_A_DAY;
                if (of_minute[m] >= 0) {
                    *why = "holds a minute that another stretch holds";
                    return false;
                }
                of_minute[m] = (int32_t)s;
            }
        }
    }
    return true;
}
