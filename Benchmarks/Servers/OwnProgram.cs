namespace Streaming.Benchmarks.Servers;

/// <summary>This very program started again in one of its hidden roles, in a process of its own.</summary>
internal static class OwnProgram
{
    private static readonly string Assembly = Path.Combine(AppContext.BaseDirectory, $"{typeof(OwnProgram).Assembly.GetName().Name}.dll");

    /// <param name="name">For messages.</param>
    /// <param name="arguments">The role and what it takes.</param>
    /// <param name="environment">On top of this process's own.</param>
    /// <param name="likeProgram">A program of the product whose runtime settings it gets.</param>
    public static ChildProcess Start(
        string name, IEnumerable<string> arguments, IReadOnlyDictionary<string, string> environment, string? likeProgram = null) =>
        new(name, Assembly, arguments, environment,
            likeProgram is null ? null : Path.Combine(AppContext.BaseDirectory, $"{likeProgram}.runtimeconfig.json"));
}
