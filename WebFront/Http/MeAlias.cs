namespace Streaming.WebFront;

/// <summary>The word that stands for the caller's own user id in paths and bodies.</summary>
internal static class MeAlias
{
    public const string Alias = "me";

    /// <summary>The parameters of routes that are user ids.</summary>
    private static readonly string[] Parameters = ["userId", "uid"];

    public static bool IsNamed(RouteValueDictionary values) => Parameters.Any(name => IsNamed(values, name));

    /// <summary>Puts the id in place of the word, before the route's policy and its handler read it.</summary>
    public static void Resolve(RouteValueDictionary values, Caller.User caller)
    {
        foreach (var name in Parameters)
        {
            if (IsNamed(values, name))
                values[name] = caller.UserId.ToString();
        }
    }

    private static bool IsNamed(RouteValueDictionary values, string name) => values.TryGetValue(name, out var value) && value is Alias;
}
