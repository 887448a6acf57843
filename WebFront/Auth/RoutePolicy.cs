using Streaming.WebFront.Audit;

namespace Streaming.WebFront.Auth;

/// <summary>Who may use a route. Every route states one, as metadata; <see cref="PolicyEnforcement"/> reads it.</summary>
internal sealed record RoutePolicy
{
    public static readonly RoutePolicy Public = new() { Rule = AccessRule.Public };

    public required AccessRule Rule { get; init; }

    /// <summary>Of a public route: its answers are for one user all the same, such as tokens, and nobody keeps them.</summary>
    public bool IsPersonal { get; init; }

    /// <summary>Name of the route value that holds the owner's user id.</summary>
    public string? Owner { get; init; }

    /// <summary>Whether no caller is needed while <see cref="OpenAccess"/> is allowed.</summary>
    public bool OrOpenAccess { get; init; }

    /// <summary>What a caller who may not use the route is told.</summary>
    public string Refusal { get; init; } = "This route is not for this account.";

    /// <summary>What the audit log calls an attempt of a user who may not use the route; null where it is not kept.</summary>
    public AuditedAction? Audited { get; init; }

    /// <summary>Whether the request may pass without being asked who sent it.</summary>
    public bool NeedsNoCaller => Rule is AccessRule.Public or AccessRule.Elsewhere;

    public bool Allows(Caller caller, RouteValueDictionary values) => Rule switch
    {
        AccessRule.User => caller is Caller.User,
        AccessRule.Owner => caller is Caller.User user && (user.IsAdministrator || Owns(user, values)),
        AccessRule.Administrator => caller is Caller.User { IsAdministrator: true },
        AccessRule.Collector => caller is Caller.Collector or Caller.User { IsAdministrator: true },
        _ => true,
    };

    /// <summary>As tests and the documentation list it.</summary>
    public override string ToString() => $"{Rule.ToString().ToLowerInvariant()}{(OrOpenAccess ? " or open access" : "")}";

    private bool Owns(Caller.User user, RouteValueDictionary values) =>
        values.TryGetValue(Owner!, out var value) && RequestValues.IsId(value as string, out var owner) && owner == user.UserId;
}

internal enum AccessRule
{
    Public,

    /// <summary>Something else than a token guards it, which its mapping names.</summary>
    Elsewhere,

    /// <summary>Any account.</summary>
    User,

    /// <summary>The account of the route's user id, and administrators.</summary>
    Owner,
    Administrator,

    /// <summary>API keys, and administrators.</summary>
    Collector,
}
