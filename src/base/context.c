/* What a call may use of the world, handed in by the caller.
 *
 * The library never prints: it logs through the sink in onus_context, which src/cli points at
 * stderr and the tests at a buffer. A NULL context or a NULL sink is silence. Messages are built in
 * a buffer of fixed size, so that logging neither allocates nor fails; a longer one is cut. */
#include "onus/context.h"

#include <stdarg.h>
#include <stdio.h>

#include "onus/scalar.h"

enum { LOG_TEXT_MAX = 2048 };

void onus_log(const onus_context *context, onus_log_level level, const char *fmt, ...) {
    if (context == NULL || context->log == NULL) {
        return;
    }
    char text[LOG_TEXT_MAX];
    va_list args;
    va_start(args, fmt);
    const int len = onus_vformat(text, sizeof text, fmt, args);
    va_end(args);
    context->log(context->log_state, level, len < 0 ? fmt : text);
}

void onus_progress(const onus_context *context, const char *stage, uint64_t done, uint64_t total) {
    if (context != NULL && context->progress != NULL) {
        context->progress(context->progress_state, stage, done, total);
    }
}
