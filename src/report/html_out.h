/* Pieces of HTML: escaped text and numbers as people write them. */
#ifndef ONUS_HTML_OUT_H
#define ONUS_HTML_OUT_H

#include <stddef.h>
#include <stdint.h>

#include "onus/text.h"

/** Text with & < > " ' escaped; NULL adds nothing. Good for content and quoted attributes. */
void onus_report_html_escape(onus_text *out, const char *text);
/** `<tag class="name">text</tag>`; class NULL: none. */
void onus_html_element(onus_text *out, const char *tag, const char *class_name, const char *text);
/** 12,345 */
void onus_html_count(onus_text *out, uint64_t value);
/** 12,345.67 with that many decimals (at most 6), free of any locale. */
void onus_html_decimal(onus_text *out, double value, int decimals);
/** A figure in its unit: shares as per cent, ratios with two decimals, counts without. */
void onus_html_figure(onus_text *out, double value, const char *unit);
/** "p = 0.012", "p < 0.001" */
void onus_html_p(onus_text *out, const char *name, double p);

#endif
