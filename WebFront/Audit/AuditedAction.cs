using Streaming.Audit;

namespace Streaming.WebFront.Audit;

/// <summary>What the audit log calls an action and who does it, in the words of the replaced system.</summary>
internal sealed record AuditedAction(string Name, string Service)
{
    /// <param name="aboutId">Another account that the description names.</param>
    public void Done(IAuditLog log, HttpContext context, string description, Guid? aboutId = null) =>
        log.Write(Name, Service, description, context.GetUser()?.UserId, aboutId);

    /// <summary>Writes why it was not done, and returns that.</summary>
    public Problem Failed(IAuditLog log, HttpContext context, Problem problem) => Failed(log, context.GetUser()?.UserId, problem);

    /// <summary>The same where the request does not know its caller yet.</summary>
    public Problem Failed(IAuditLog log, Guid? userId, Problem problem)
    {
        log.Write(Name, Service, "Error: " + problem.Message, userId);
        return problem;
    }
}
