package enforce

// nativeAudit is AUDIT_ARCH_X86_64 as the kernel's log has it.
const nativeAudit = "c000003e"
