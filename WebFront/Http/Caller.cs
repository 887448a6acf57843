using Streaming.Users;

namespace Streaming.WebFront;

/// <summary>Who sent a request: an account, or a program with an API key.</summary>
internal abstract record Caller
{
    private Caller()
    {
    }

    /// <summary>Sets its keys for idempotency apart from those of others.</summary>
    public abstract string Subject { get; }

    /// <param name="Role">As it is now, whatever the token said.</param>
    public sealed record User(Guid UserId, string Email, AccountRole Role, Guid SessionId) : Caller
    {
        public bool IsAdministrator => Role == AccountRole.Admin;

        public override string Subject => SubjectOf(UserId);

        public override string ToString() => $"{nameof(User)} {UserId}";
    }

    /// <summary>Role <c>collector</c>.</summary>
    public sealed record Collector(Guid KeyId) : Caller
    {
        public override string Subject => $"key {KeyId:N}";
    }

    public static string SubjectOf(Guid userId) => userId.ToString("N");
}

internal static class CallerOfRequest
{
    /// <summary>Who sent the request; null on public routes, and where open access lets anybody in.</summary>
    public static Caller? GetCaller(this HttpContext context) => context.Features.Get<Caller>();

    /// <summary>The same where it is an account.</summary>
    public static Caller.User? GetUser(this HttpContext context) => context.GetCaller() as Caller.User;
}
