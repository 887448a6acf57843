namespace Streaming.Storage.Migrations;

/// <summary>A database and its schema's version, before and after.</summary>
/// <param name="Database">Its file, or the key of its connection string.</param>
public sealed record MigratedSchema(string Database, int From, int To);
