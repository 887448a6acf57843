using Streaming.Storage.Migrations;

namespace Streaming.Tests.Storage;

public sealed class MigrationScriptTests
{
    // The newest of each folder that were there before scripts had to say with which programs they go.
    private static readonly Dictionary<string, int> Before = new()
    {
        ["analytics/master"] = 14,
        ["analytics/replica"] = 1,
        ["citus"] = 5,
        ["orleans"] = 6,
        ["sqlite/analytics"] = 14,
        ["sqlite/journal"] = 1,
        ["sqlite/metadata"] = 3,
        ["sqlite/reviews"] = 2,
    };

    public static TheoryData<string> Folders => [.. Before.Keys];

    [Theory]
    [MemberData(nameof(Folders))]
    public void Each_new_script_says_which_programs_work_with_what_it_leaves_behind(string folder) => Assert.All(
        MigrationScript.In(folder).Where(script => script.Version > Before[folder]),
        script =>
        {
            Assert.Contains("\n-- min-compatible: ", "\n" + script.Text, StringComparison.Ordinal);
            Assert.InRange(script.MinCompatible, 0, script.Version);
        });

    [Theory]
    [InlineData("SELECT 1", 7)]
    [InlineData("-- Adds.\n-- min-compatible: 5\nSELECT 1", 5)]
    [InlineData("-- min-compatible: 5\r\nSELECT 1", 5)]
    [InlineData("SELECT '-- min-compatible: 5'", 7)]
    public void Oldest_program_is_read_from_a_line_of_its_own(string text, int oldest) =>
        Assert.Equal(oldest, new MigrationScript(7, "007_a.sql", text).MinCompatible);
}
