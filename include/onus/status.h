/* Status codes: one list, from which the enum, the names, the texts and the exit codes are made. */
#ifndef ONUS_STATUS_H
#define ONUS_STATUS_H

#define ONUS_MUST_USE __attribute__((warn_unused_result))
#define ONUS_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))

/* X(name, exit code of the command line, text) */
#define ONUS_STATUS_LIST(X)                                                                        \
    X(OK, 0, "success")                                                                            \
    X(ERR_USAGE, 64, "the command line is wrong")                                                  \
    X(ERR_DATA, 65, "the data or the case is wrong")                                               \
    X(ERR_DOMAIN, 65, "a value lies outside the domain of a computation")                          \
    X(ERR_TOO_FEW, 65, "too few observations")                                                     \
    X(ERR_NOINPUT, 66, "an input is missing or cannot be opened")                                  \
    X(ERR_BUG, 70, "a bug in onus; please report it")                                              \
    X(ERR_NOMEM, 71, "out of memory")                                                              \
    X(ERR_LIMIT, 71, "a resource limit was reached")                                               \
    X(ERR_CANTCREATE, 73, "an output cannot be created")                                           \
    X(ERR_IO, 74, "reading or writing failed")                                                     \
    X(ERR_INTERRUPTED, 130, "interrupted")

typedef enum onus_status {
#define ONUS_STATUS_ENUM(name, exit_code, text) ONUS_##name,
    ONUS_STATUS_LIST(ONUS_STATUS_ENUM)
#undef ONUS_STATUS_ENUM
        ONUS_N_STATUS
} onus_status;

/** Short name ("ERR_DATA"); "unknown" outside the list. Cannot fail. */
const char *onus_status_name(onus_status status);

/** Plain text for a status; "unknown status" outside the list. Cannot fail. */
const char *onus_status_text(onus_status status);

/** Exit code of the command line for a status (sysexits); 70 outside the list. Cannot fail. */
int onus_status_exit_code(onus_status status);

/* The one control-flow macro: a failing call leaves through `out:` with `status` set. */
#define ONUS_TRY(call)                                                                             \
    do {                                                                                           \
        status = (call);                                                                           \
        if (status != ONUS_OK) {                                                                   \
            goto out;                                                                              \
        }                                                                                          \
    } while (0)

#endif
