#ifndef KERNEL_CALLS_H
#define KERNEL_CALLS_H
/* io_uring_instance makes an io_uring and gives its descriptor: the call that
   attempts on the filter itself use, since anybody may make it. */
long io_uring_instance(void);
#endif
