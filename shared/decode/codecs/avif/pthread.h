/* One thread: locks are always free, and no thread is ever started. */
#pragma once
#include <errno.h>

typedef int pthread_t, pthread_attr_t, pthread_mutex_t, pthread_cond_t, pthread_once_t;
#define PTHREAD_ONCE_INIT 0
#define PTHREAD_MUTEX_INITIALIZER 0
#define PTHREAD_COND_INITIALIZER 0

static inline int pthread_attr_init(pthread_attr_t *attr) { return *attr = 0; }
static inline int pthread_attr_destroy(pthread_attr_t *attr) { return *attr = 0; }
static inline int pthread_attr_setstacksize(pthread_attr_t *attr, unsigned long size) {
    return (void)size, *attr = 0;
}
static inline int pthread_create(pthread_t *thread, const pthread_attr_t *attr,
                                 void *(*run)(void *), void *argument) {
    return (void)attr, (void)run, (void)argument, *thread = 0, EAGAIN;
}
static inline int pthread_join(pthread_t thread, void **result) {
    return (void)thread, (void)result, EINVAL;
}
static inline pthread_t pthread_self(void) { return 0; }
static inline int pthread_mutex_init(pthread_mutex_t *mutex, const void *attr) {
    return (void)attr, *mutex = 0;
}
static inline int pthread_mutex_destroy(pthread_mutex_t *mutex) { return (void)mutex, 0; }
static inline int pthread_mutex_lock(pthread_mutex_t *mutex) { return (void)mutex, 0; }
static inline int pthread_mutex_unlock(pthread_mutex_t *mutex) { return (void)mutex, 0; }
static inline int pthread_cond_init(pthread_cond_t *cond, const void *attr) {
    return (void)attr, *cond = 0;
}
static inline int pthread_cond_destroy(pthread_cond_t *cond) { return (void)cond, 0; }
static inline int pthread_cond_signal(pthread_cond_t *cond) { return (void)cond, 0; }
static inline int pthread_cond_broadcast(pthread_cond_t *cond) { return (void)cond, 0; }
static inline int pthread_cond_wait(pthread_cond_t *cond, pthread_mutex_t *mutex) {
    return (void)cond, (void)mutex, 0;
}
static inline int pthread_once(pthread_once_t *once, void (*run)(void)) {
    if (!*once) *once = 1, run();
    return 0;
}
