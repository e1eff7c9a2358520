using SidecarAgent.Testing;

namespace SidecarAgent.Broker.Tests;

/// <summary>The program as people start it: a process, its exit code, what it prints.</summary>
public sealed class CommandsTests : IDisposable
{
    private readonly TempDirectory _directory = TempDirectory.Create();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task A_key_file_is_created_once()
    {
        var file = _directory.File("kek");

        var first = await RunAsync("init-key", file);
        var second = await RunAsync("init-key", file);

        Assert.Equal(0, first.Code);
        Assert.Equal(32, new FileInfo(file).Length);
        Assert.Equal(1, second.Code);
        Assert.Equal(1, second.Errors.Count(c => c == '\n'));
        Assert.Contains("already exists", second.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_key_that_may_be_there_is_left_as_it_is_unless_it_is_none()
    {
        var file = _directory.File("kek");

        var first = await RunAsync("init-key", "--if-missing", file);
        var key = await File.ReadAllBytesAsync(file);
        var second = await RunAsync("init-key", "--if-missing", file);
        Assert.Equal((0, 0), (first.Code, second.Code));
        Assert.Equal(key, await File.ReadAllBytesAsync(file));

        await File.WriteAllTextAsync(file, "half a key");
        var third = await RunAsync("init-key", "--if-missing", file);
        Assert.Equal(1, third.Code);
        Assert.Contains(file, third.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_bad_configuration_is_told_whole_with_lines()
    {
        var file = _directory.Write("broker.yaml", "listen: nowhere\npolices: a\n");

        var check = await RunAsync("check", "--config", file);
        var run = await RunAsync("run", "--config", file);

        Assert.Equal((2, 2), (check.Code, run.Code));
        Assert.Contains(":1:9:", check.Errors, StringComparison.Ordinal);
        Assert.Contains("did you mean 'policies'?", check.Errors, StringComparison.Ordinal);
        Assert.Contains("needs 'storage'", check.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Check_says_at_once_what_is_wrong_with_policies_key_and_certificate()
    {
        await using var broker = await RunningBroker.StartAsync();
        var file = broker.File("broker.yaml");
        Assert.Equal(0, (await RunAsync("check", "--config", file)).Code);

        broker.WritePolicies("polices: []");
        File.SetUnixFileMode(broker.File("kek"), (UnixFileMode)0b110_100_100);
        await File.WriteAllTextAsync(broker.File("tls.key"), "no key");
        var check = await RunAsync("check", "--config", file);

        Assert.Equal(2, check.Code);
        Assert.Contains("orders.yaml:1:1", check.Errors, StringComparison.Ordinal);
        Assert.Contains("chmod 600", check.Errors, StringComparison.Ordinal);
        Assert.Contains("tls.key cannot be used", check.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Check_says_that_the_key_that_hides_names_is_too_short()
    {
        await using var broker = await RunningBroker.StartAsync();
        var file = broker.File("broker.yaml");
        await File.WriteAllTextAsync(broker.File("names"), "short");
        File.SetUnixFileMode(broker.File("names"), (UnixFileMode)0b110_000_000);
        var text = await File.ReadAllTextAsync(file);
        await File.WriteAllTextAsync(file, text.Replace(
            "audit: { file: audit.jsonl }", "audit: { file: audit.jsonl, hashIdentifiers: { keyFile: names, fields: [ pod ] } }",
            StringComparison.Ordinal));

        var check = await RunAsync("check", "--config", file);

        Assert.Equal(2, check.Code);
        Assert.Contains("has 5 bytes; expected 32 to 4096", check.Errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("run")]
    [InlineData("check --config")]
    [InlineData("fly")]
    public async Task A_command_line_that_makes_no_sense_is_bad_configuration(string line) =>
        Assert.Equal(2, (await RunAsync(line.Split(' '))).Code);

    [Fact]
    public async Task The_version_is_printed()
    {
        var version = await RunAsync("version");

        Assert.Equal(0, version.Code);
        Assert.Matches(@"^\d+\.\d+\.\d+", version.Output);
    }

    [Fact]
    public async Task A_missing_configuration_is_one_line()
    {
        var run = await RunAsync("run", "--config", _directory.File("none.yaml"));

        Assert.Equal(1, run.Code);
        Assert.Equal(1, run.Errors.Count(c => c == '\n'));
    }

    private static async Task<(int Code, string Output, string Errors)> RunAsync(params string[] arguments)
    {
        using var process = BrokerProcess.Start(arguments);
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, await output, await errors);
    }
}
