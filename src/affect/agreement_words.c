/* The sentence where measures of agreement part company.
 *
 * Alpha and AC1 take out another idea of chance. Where nearly everything is given one label they
 * come apart: votes agree nearly always, because there is nearly nothing else to say. Neither
 * number alone tells that story, so all of them are said, with how common the commonest label is.
 * Called by agreement.c. Never says which of them is right. */
#include "agreement_internal.h"
#include "onus/scalar.h"

/* How far apart AC1 and alpha must be: a third of the way from nothing to all is no rounding. */
static const double FAR_APART = 0.2;

static void put_number(onus_text *out, double value) {
    char text[ONUS_DOUBLE_TEXT_MAX];
    (void)onus_format(text, sizeof text, "%.3f", value);
    onus_text_add(out, text);
}

static double value_of(const agreement_panel *p, onus_coefficient which) {
    return p->found.coefficients[which].value.value;
}

onus_status agreement_say_paradox(affect_trial *t, const agreement_panel *p) {
    const double alpha = value_of(p, ONUS_COEFFICIENT_ALPHA);
    const double ac1 = value_of(p, ONUS_COEFFICIENT_AC1);
    onus_text text = {0};
    if (!(ac1 - alpha >= FAR_APART)) { /* also where one is not defined */
        return ONUS_OK;
    }
    size_t commonest = 0;
    for (size_t l = 1; l < t->n_labels; l++) {
        commonest = p->prevalence[l] > p->prevalence[commonest] ? l : commonest;
    }
    onus_text_add(&text, "two ");
    onus_text_add(&text, p->between[0] == 'v' ? "versions of the product" : "onlookers");
    if (p->stratum != NULL) {
        onus_text_addf(&text, " (%s)", p->stratum);
    }
    onus_text_add(&text, " agree on ");
    affect_put_percent(&text, value_of(p, ONUS_COEFFICIENT_PERCENT));
    onus_text_add(&text, " of what they label, yet alpha is ");
    put_number(&text, alpha);
    onus_text_add(&text, " while AC1 is ");
    put_number(&text, ac1);
    onus_text_add(&text, " and PABAK ");
    put_number(&text, value_of(p, ONUS_COEFFICIENT_PABAK));
    onus_text_add(&text, ": ");
    affect_put_percent(&text, p->prevalence[commonest]);
    onus_text_addf(&text,
                   " of the labels given are '%s', so that two who label at random as often as "
                   "that would agree on ",
                   t->labels[commonest]);
    affect_put_percent(&text, p->found.coefficients[ONUS_COEFFICIENT_ALPHA].expected);
    onus_text_add(&text, ". The agreement is there, but it is nearly all on that one label, and "
                         "says little of the others");
    onus_status status = ONUS_ERR_NOMEM;
    if (!text.failed) {
        status = onus_result_warn(t->result, "agreement_paradox", "%s", text.data);
    }
    onus_text_clear(&text);
    return status;
}
