/* Pieces of HTML. Everything that came from a case or a table passes through the escape; numbers
 * are rounded as integers, so that no locale can change the point into a comma.
 *
 * Called by body.c and page.c. Never writes markup that it was given. */
#include "html_out.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "onus/scalar.h"

void onus_report_html_escape(onus_text *out, const char *text) {
    if (text == NULL) {
        return;
    }
    while (*text != '\0') {
        const size_t plain = strcspn(text, "&<>\"'");
        onus_text_add_len(out, text, plain);
        text += plain;
        switch (*text) {
        case '&':
            onus_text_add(out, "&amp;");
            break;
        case '<':
            onus_text_add(out, "&lt;");
            break;
        case '>':
            onus_text_add(out, "&gt;");
            break;
        case '"':
            onus_text_add(out, "&quot;");
            break;
        case '\'':
            onus_text_add(out, "&#39;");
            break;
        default:
            continue;
        }
        text++;
    }
}

void onus_html_element(onus_text *out, const char *tag, const char *class_name, const char *text) {
    onus_text_addf(out, "<%s", tag);
    if (class_name != NULL) {
        onus_text_addf(out, " class=\"%s\"", class_name);
    }
    onus_text_add(out, ">");
    onus_report_html_escape(out, text);
    onus_text_addf(out, "</%s>", tag);
}

void onus_html_count(onus_text *out, uint64_t value) {
    char buf[32];
    if (value > INT64_MAX) {
        onus_text_addf(out, "%" PRIu64, value);
        return;
    }
    const size_t len = onus_format_count((int64_t)value, buf);
    onus_text_add_len(out, buf, len);
}

void onus_html_decimal(onus_text *out, double value, int decimals) {
    static const int64_t powers[] = {1, 10, 100, 1000, 10000, 100000, 1000000};
    const double too_large = 1e12; /* past this, decimals say nothing: %.17g */
    if (!isfinite(value) || fabs(value) >= too_large) {
        char buf[ONUS_DOUBLE_TEXT_MAX];
        const size_t len = onus_format_double(value, buf);
        onus_text_add_len(out, buf, len);
        return;
    }
    const int64_t power = powers[decimals];
    const int64_t scaled = llround(fabs(value) * (double)power);
    if (value < 0.0 && scaled != 0) {
        onus_text_add(out, "\u2212");
    }
    onus_html_count(out, (uint64_t)(scaled / power));
    if (decimals > 0) {
        onus_text_addf(out, ".%0*" PRId64, decimals, scaled % power);
    }
}

/* So many decimals that about three digits are shown. */
static int decimals_for(double value) {
    const double size = fabs(value);
    if (size >= 100.0 || value == 0.0) {
        return 0;
    }
    int decimals = 2;
    for (double bound = 1.0; size < bound && decimals < 6; bound /= 10.0) {
        decimals++;
    }
    return size >= 10.0 ? 1 : decimals;
}

void onus_html_figure(onus_text *out, double value, const char *unit) {
    if (strcmp(unit, "share") == 0) {
        const double percent = value * 100.0;
        onus_html_decimal(out, percent, fabs(percent) < 1.0 && percent != 0.0 ? 2 : 1);
        onus_text_add(out, "\u00a0%"); /* the sign stays with its number */
    } else if (strcmp(unit, "ratio") == 0 || strcmp(unit, "index") == 0 ||
               strcmp(unit, "correlation") == 0) {
        onus_html_decimal(out, value, 2);
    } else {
        onus_html_decimal(out, value, value == floor(value) ? 0 : decimals_for(value));
    }
}

void onus_html_p(onus_text *out, const char *name, double p) {
    const double smallest_shown = 0.001;
    onus_text_add(out, name);
    if (p < smallest_shown) {
        onus_text_add(out, " &lt; 0.001");
        return;
    }
    onus_text_add(out, " = ");
    onus_html_decimal(out, p, 3);
}
