using System.Collections.Immutable;

namespace Streaming.Health;

public enum DependencyStatus
{
    Up,

    Down,

    /// <summary>It lets go of its work; only a silo or a front does that.</summary>
    Stopping,
}

/// <param name="Critical">Whether the platform cannot serve without it.</param>
[GenerateSerializer, Immutable, Alias("dependency-health")]
public sealed record DependencyHealth([property: Id(0)] string Name, [property: Id(1)] DependencyStatus Status, [property: Id(2)] bool Critical);

/// <summary>What a program needs and whether it is there. Names dependencies, and neither hosts nor reasons: those are in its log.</summary>
[GenerateSerializer, Immutable, Alias("service-health")]
public sealed record ServiceHealth([property: Id(0)] ImmutableArray<DependencyHealth> Dependencies)
{
    public bool IsReady => Dependencies.All(dependency => dependency.Status == DependencyStatus.Up || !dependency.Critical);

    /// <summary>Ready, with something missing.</summary>
    public bool IsDegraded => IsReady && Dependencies.Any(dependency => dependency.Status != DependencyStatus.Up);
}

/// <summary>Where a program's health comes from: its own checks, or the cluster's.</summary>
public interface IHealthSource
{
    /// <summary>Never throws; takes a few seconds at most.</summary>
    Task<ServiceHealth> GetAsync();
}
