/* Ctrl-C: the first one asks the run to stop, the second one stops it.
 *
 * SIGINT and SIGTERM are blocked in every thread and taken by one thread that waits for them. The
 * first raises the flag of onus_context, which loops over rows and replicates look at. The second
 * does what a signal handler must not: it removes the half-written folder of the report (a name
 * that only this process uses), then leaves. Waiting in a thread is what makes that legal.
 *
 * While ranks join each other there is nothing to release and nothing that looks at the flag: the
 * first signal ends the process. And since a rank that died on its way would leave the others in
 * MPI's hands for ever, the thread looks at the clock as well.
 *
 * Called by cmd_try.c and ranks.c. It never removes anything but that folder. */
#include "cli.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <time.h>
#include <unistd.h>

#include "onus/report.h"

/* One process, one run: the signal thread and its flag. */
static struct {
    volatile sig_atomic_t stop;
    volatile sig_atomic_t over; /* the thread is to end */
    bool started;
    pthread_t thread;
    sigset_t signals;
    sigset_t mask_before;
    const char *dir;        /* of the report that is being made, or NULL */
    atomic_bool joining;    /* ranks are on their way to each other */
    _Atomic double until_s; /* when those that have come stop waiting */
    const cli_env *cli;     /* to say so */
} guard;

static const double JOIN_S = 300; /* a thousand ranks start within a minute on a busy machine */

/* Once a second is often enough to notice that ranks wait in vain. */
static const struct timespec LOOK_EVERY = {.tv_sec = 1};

static _Noreturn void end_joining(void) {
    cli_env speaking = *guard.cli;
    cli_ranks_let_speak(&speaking); /* rank 0 first; if it is not there, the next */
    speaking.silent = false;
    onus_error err = ONUS_ERROR_INIT;
    const onus_status status =
        onus_fail_plain(&err, ONUS_ERR_LIMIT,
                        "mpirun started %d processes, and not all of them have joined in %.0f s",
                        guard.cli->n_launched, JOIN_S);
    (void)cli_fail(&speaking, &err);
    _exit(onus_status_exit_code(status));
}

static void *wait_for_signals(void *unused) {
    (void)unused;
    for (;;) {
        const int number = sigtimedwait(&guard.signals, NULL, &LOOK_EVERY);
        if (guard.over != 0) {
            return NULL;
        }
        if (number < 0) { /* no signal in that second */
            if (errno != EAGAIN && errno != EINTR) {
                return NULL;
            }
            if (atomic_load(&guard.joining) && cli_now_s() > atomic_load(&guard.until_s)) {
                end_joining();
            }
            continue;
        }
        if (guard.stop != 0 || atomic_load(&guard.joining)) {
            if (guard.dir != NULL) {
                onus_report_discard(guard.dir);
            }
            _exit(onus_status_exit_code(ONUS_ERR_INTERRUPTED));
        }
        guard.stop = 1;
    }
}

volatile sig_atomic_t *cli_interrupt_start(const char *dir) {
    guard.stop = 0;
    guard.over = 0;
    guard.dir = dir;
    sigemptyset(&guard.signals);
    sigaddset(&guard.signals, SIGINT);
    sigaddset(&guard.signals, SIGTERM);
    /* Without a second thread (no resources) the signals keep their usual effect. */
    if (pthread_sigmask(SIG_BLOCK, &guard.signals, &guard.mask_before) == 0) {
        guard.started = pthread_create(&guard.thread, NULL, wait_for_signals, NULL) == 0;
        if (!guard.started) {
            pthread_sigmask(SIG_SETMASK, &guard.mask_before, NULL);
        }
    }
    return &guard.stop;
}

void cli_interrupt_joining(const cli_env *cli, bool joining) {
    guard.cli = cli;
    atomic_store(&guard.until_s, cli_now_s() + JOIN_S);
    atomic_store(&guard.joining, joining);
}

void cli_interrupt_end(void) {
    if (guard.started) {
        guard.over = 1;
        // NOLINTNEXTLINE(bugprone-bad-signal-to-kill-thread): blocked everywhere; sigwait takes it
        pthread_kill(guard.thread, SIGTERM);
        pthread_join(guard.thread, NULL);
        pthread_sigmask(SIG_SETMASK, &guard.mask_before, NULL);
        guard.started = false;
    }
    guard.dir = NULL;
}
