namespace Streaming.Audit;

/// <summary>
/// The calling side of the audit log: takes an action at once and never fails or holds it up; what it took is on disk
/// within a second, or when that is impossible is dropped and counted.
/// </summary>
public interface IAuditLog
{
    /// <param name="userId">Null while unknown.</param>
    void Write(string actionType, string serviceName, string description, Guid? userId, bool isClientReported = false);
}
