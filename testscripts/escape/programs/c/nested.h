#ifndef NESTED_H
#define NESTED_H
/* enter_user_namespace makes a user namespace in which this process is root,
   with more namespaces as flags says. */
int enter_user_namespace(long flags);
#endif
