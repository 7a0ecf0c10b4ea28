/* Text to number and back, free of any locale. The whole text must parse: "42abc" and " 42" do not.
 */
#ifndef ONUS_SCALAR_H
#define ONUS_SCALAR_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "onus/status.h"

enum { ONUS_DOUBLE_TEXT_MAX = 32 };

/** Decimal number, correctly rounded: [+-] digits [. digits] [e [+-] digits]. ".5" is one, "5." is
 *  not. No hex, no "nan", no "inf", no surrounding blanks, at most 1,100 bytes.
 *  @return false if the text (len bytes) is not such a number or overflows; *out untouched.
 *  Too small for a double: the nearest one, which may be 0. */
bool onus_parse_double(const char *text, size_t len, double *out);
/** Decimal integer, optional sign. false on overflow. */
bool onus_parse_int64(const char *text, size_t len, int64_t *out);
/** true|false|yes|no (YAML 1.2 spelling plus yes/no, lower case). */
bool onus_parse_bool(const char *text, size_t len, bool *out);
/** Length with a unit: "150 m", "500 ft", "0.1 km", "0.25 mi"; metres. The unit is required; one
 * blank before it may stand. International foot and mile. */
bool onus_parse_length_m(const char *text, size_t len, double *out_m);
/** Share: fraction "0.05" or "5 %" ("5%"). Not limited to [0, 1]; the schema does that. */
bool onus_parse_share(const char *text, size_t len, double *out_frac);
/** Span with a unit: s, min, h, d, w; seconds. The unit is required. */
bool onus_parse_span_s(const char *text, size_t len, double *out_s);

/** "%.17g" without locale; NaN and infinities are a bug of the caller and give "null".
 *  @return length written. buf holds ONUS_DOUBLE_TEXT_MAX bytes. */
size_t onus_format_double(double value, char *buf);
/** As snprintf and vsnprintf, without locale: a decimal point is a point whatever the program that
 *  embeds this library has set. Every text that may hold a fraction goes through these. */
int onus_format(char *buf, size_t size, const char *fmt, ...) ONUS_PRINTF(3, 4);
int onus_vformat(char *buf, size_t size, const char *fmt, va_list args) ONUS_PRINTF(3, 0);
/** What an errno value means, in English. Lives until this thread asks again. */
const char *onus_errno_text(int number);
/** Integer with thousands commas ("10,178"). buf holds 32 bytes. @return length. */
size_t onus_format_count(int64_t value, char *buf);

#endif
