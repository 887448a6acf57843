using System.Diagnostics;

namespace Streaming.Storage.Embedded;

/// <summary>Spans of what is read and written, the wait for the file included. Microsoft's driver for SQLite has none.</summary>
internal static class SqliteTrace
{
    public const string SourceName = "Streaming.Storage";

    private static readonly ActivitySource Source = new(SourceName);

    /// <summary>Null where nobody listens or the trace is not recorded.</summary>
    public static Activity? Start(string operation, string path)
    {
        if (Source.StartActivity(operation, ActivityKind.Client) is not { } activity)
            return null;

        if (activity.IsAllDataRequested)
        {
            var database = Path.GetFileNameWithoutExtension(path);
            activity.DisplayName = $"{operation} {database}";
            activity.SetTag("db.system.name", "sqlite");
            activity.SetTag("db.namespace", database);
            activity.SetTag("db.operation.name", operation);
        }

        return activity;
    }

    public static void Fail(this Activity? activity, Exception exception)
    {
        activity?.SetStatus(ActivityStatusCode.Error);
        activity?.SetTag("error.type", exception.GetType().FullName);
    }
}
