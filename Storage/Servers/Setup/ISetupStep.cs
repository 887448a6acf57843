using Npgsql;

namespace Streaming.Storage.Servers;

/// <summary>
/// What a database needs besides its scripts and no transaction can hold, or no script may (passwords). Runs at every
/// start that migrates, after the scripts and under their lock, so it changes nothing where all is there.
/// </summary>
internal interface ISetupStep
{
    /// <summary>The property of <see cref="ConnectionOptions"/> that names the database.</summary>
    string Database { get; }

    Task RunAsync(NpgsqlConnection connection, CancellationToken cancellationToken);
}
