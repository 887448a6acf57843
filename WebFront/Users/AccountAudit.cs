using Streaming.Audit;

namespace Streaming.WebFront.Users;

/// <summary>What is done with accounts, for the audit log. No e-mail address ever stands in a description.</summary>
internal sealed class AccountAudit(IAuditLog log)
{
    private const string Service = "UserAccountService";

    /// <param name="userId">Null while unknown.</param>
    /// <param name="aboutId">Another account that the description names.</param>
    public void Write(string action, string description, Guid? userId, Guid? aboutId = null) => log.Write(action, Service, description, userId, aboutId);

    public void WriteFailure(string action, string reason, Guid? userId) => Write(action, "Error: " + reason, userId);
}
