/* Any bytes as a TZif file: what is accepted must convert there and back. */
#include <stdint.h>
#include <stdlib.h>

#include "../../src/base/zone_internal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    onus_zone *zone = NULL;
    onus_error err = ONUS_ERROR_INIT;
    const onus_status status = onus_zone_decode(data, size, "Fuzz/Zone", &zone, &err);
    if ((status == ONUS_OK) != (zone != NULL)) {
        abort();
    }
    if (zone == NULL) {
        return 0;
    }
    for (int64_t unix_s = -6000000000; unix_s < 20000000000; unix_s += 86400 * 1000 + 3607) {
        const int64_t local_s = onus_zone_local_s(zone, (double)unix_s);
        if (llabs(local_s - unix_s) > 26 * 3600) {
            abort();
        }
        const int64_t days = local_s >= 0 ? local_s / 86400 : -((86399 - local_s) / 86400);
        const int rest = (int)(local_s - days * 86400);
        int month = 0;
        int day = 0;
        onus_civil civil = {.hour = (int8_t)(rest / 3600),
                            .minute = (int8_t)(rest / 60 % 60),
                            .second = (int8_t)(rest % 60)};
        onus_civil_from_days(days, &civil.year, &month, &day);
        civil.month = (int8_t)month;
        civil.day = (int8_t)day;
        double back_s = 0;
        const onus_local_kind kind = onus_zone_to_unix(zone, &civil, &back_s);
        /* A time that a clock showed is not "never"; shown twice, the earlier one is given. */
        if (kind == ONUS_LOCAL_NEVER || (kind == ONUS_LOCAL_ONCE && back_s != (double)unix_s) ||
            (kind == ONUS_LOCAL_TWICE && back_s > (double)unix_s) ||
            onus_zone_local_s(zone, back_s) != local_s) {
            abort();
        }
    }
    onus_zone_close(zone);
    return 0;
}
