namespace Streaming.Audit;

/// <summary>
/// The calling side of the audit log, for what the platform itself saw happen: takes an action at once and never fails
/// or holds it up; what it took is on disk within a second, or when that is impossible is dropped and counted.
/// </summary>
public interface IAuditLog
{
    /// <param name="description">No e-mails, tokens or addresses. One that is too long is cut.</param>
    /// <param name="userId">Null while unknown.</param>
    /// <param name="aboutId">Another account whose id is in the description: it is taken out when that account is deleted.</param>
    void Write(string actionType, string serviceName, string description, Guid? userId, Guid? aboutId = null);
}
