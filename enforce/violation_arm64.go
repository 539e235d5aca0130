package enforce

// nativeAudit is AUDIT_ARCH_AARCH64 as the kernel's log has it.
const nativeAudit = "c00000b7"
