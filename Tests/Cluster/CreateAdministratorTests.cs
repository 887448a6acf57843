using Streaming.Tests.Http;
using Streaming.Tests.Storage;

namespace Streaming.Tests.Processes;

public sealed class CreateAdministratorTests : IDisposable
{
    private const string Email = "root@example.com";
    private const string Password = "correct horse";

    private readonly TemporaryFolder folder = new();
    private readonly int port = LoopbackPort.Take();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Administrator_is_made_once_and_logs_in()
    {
        await using (var command = Create())
        {
            Assert.Equal(0, await command.WaitForExitAsync());
            Assert.Equal("The administrator was made and can log in.", command.Output[^1]);
            Assert.Empty(command.Errors);
            Assert.DoesNotContain(command.Output, line => line.Contains(Email, StringComparison.Ordinal) || line.Contains(Password, StringComparison.Ordinal));
        }

        await using (var again = Create())
            await again.FailsAsync("has an account already");

        await using var server = await ServerProcess.StartReadyAsync(folder.Path, port);
        using var http = new HttpClient { BaseAddress = server.Address };
        var api = new Api(http);
        var admin = await Person.LogInAsync(api, Email, Password);
        (await api.GetAsync("/api/admin/users?role=admin", admin.Token)).IsJson();
    }

    [Fact]
    public async Task Folder_that_a_server_holds_is_named()
    {
        await using var server = await ServerProcess.StartReadyAsync(folder.Path, port);
        await using var command = Create();

        await command.FailsAsync(folder.Path, "in use by another instance");
    }

    [Theory]
    [InlineData("root", Password, "e-mail")]
    [InlineData(Email, "12345", "6 to 256")]
    [InlineData(Email, "", "STREAMING_ADMIN_PASSWORD")]
    public async Task What_is_wrong_is_said_in_one_line(string email, string password, string says)
    {
        await using var command = Create(email, password);

        await command.FailsAsync(says);
    }

    private ServerProcess Create(string email = Email, string password = Password) => ServerProcess.StartCommand(
        "create-admin", folder.Path, port, ("STREAMING_ADMIN_EMAIL", email), ("STREAMING_ADMIN_PASSWORD", password), ("Seed__Titles", "5"));
}
