namespace Streaming.Tests.Processes;

/// <summary>How programs are set up that lose uploads: what takes minutes and hours elsewhere takes seconds.</summary>
internal static class UploadSettings
{
    public static IReadOnlyList<(string Name, string Value)> Quick { get; } =
    [
        ("Quota__LeaseSeconds", "4"),
        ("Videos__SweepSeconds", "1"),
        ("Videos__RetrySeconds", "1"),
        ("Videos__SecondLookSeconds", "1"),
    ];

    /// <summary>The same for a cluster.</summary>
    public static (string Name, string Value)[] Cluster { get; } =
    [
        .. Quick,
        ("Media__SigningKey", "one key for media that all fronts of this cluster have"),
        ("Quota__ParallelUploads", "10"),
    ];
}
