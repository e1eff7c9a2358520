using System.Text;
using SidecarAgent.Agent.Commands;
using SidecarAgent.Testing;

namespace SidecarAgent.Agent.Tests.Commands;

/// <summary>Exit codes and the one line on standard error: what manifests rely on.</summary>
public sealed class CommandLineTests : IDisposable
{
    private readonly TempDirectory _directory = TempDirectory.Create();
    private readonly TempDirectory _mount = TempDirectory.CreateInMemory();
    private readonly MemoryStream _output = new();
    private readonly StringWriter _error = new();
    private readonly TestCertificates _certificates;

    public CommandLineTests() => _certificates = new TestCertificates(_directory.FullName);

    [Theory]
    [InlineData("", "a command is missing: use one of run, init, wait, check, render, version")]
    [InlineData("start", "'start' is no command")]
    [InlineData("run extra", "run does not know 'extra': it knows --config, --allow-disk")]
    [InlineData("run --timeout 1s", "run does not know '--timeout'")]
    [InlineData("run --config", "--config needs a value")]
    [InlineData("run --config=", "--config needs a value")]
    [InlineData("run --allow-disk=no", "--allow-disk takes no value")]
    [InlineData("run --config a --config b", "--config stands twice")]
    [InlineData("init --timeout soon --config CONFIG", "--timeout: 'soon' must be a duration such as 60s or 2m")]
    [InlineData("wait --timeout 0s --config CONFIG", "--timeout: '0s' must be a duration")]
    [InlineData("wait --timeout 25h --config CONFIG", "at most 24h")]
    [InlineData("version now", "version does not know 'now'")]
    [InlineData("render", "render needs --template FILE")]
    [InlineData("check --config /does/not/exist", "configuration: --config: Could not find")]
    public async Task What_cannot_be_understood_is_exit_code_2_and_one_line(string line, string expected)
    {
        Assert.Equal(2, await RunAsync(line.Replace("CONFIG", Config(), StringComparison.Ordinal)));

        Assert.StartsWith("sidecar-agent: ", _error.ToString(), StringComparison.Ordinal);
        Assert.Contains(expected, _error.ToString(), StringComparison.Ordinal);
        Assert.Equal(1, _error.ToString().Count(character => character == '\n'));
        Assert.Empty(Output());
    }

    [Fact]
    public async Task Version_prints_the_version()
    {
        Assert.Equal(0, await RunAsync("version"));
        Assert.Matches(@"^\d+\.\d+\.\d+", Output());
    }

    [Fact]
    public async Task Help_prints_every_command()
    {
        Assert.Equal(0, await RunAsync("wait --help"));
        Assert.All(["run", "init", "wait", "check", "render", "version"], command =>
            Assert.Contains($"sidecar-agent {command}", Output(), StringComparison.Ordinal));
    }

    [Fact]
    public async Task Check_says_what_would_be_fetched_and_touches_nothing()
    {
        Assert.Equal(0, await RunAsync($"check --config {Config()}"));

        Assert.Equal(
            $"""
            broker https://localhost:1/, trusted through CN=Sidecar Agent test CA
            secret kv/app: password
            file {_mount.FullName}/db/password (0440) from kv/app, then signal:HUP:nginx

            """,
            Output());
        Assert.Empty(Directory.EnumerateFileSystemEntries(_mount.FullName));
    }

    [Fact]
    public async Task Check_says_where_a_template_is_wrong()
    {
        var config = Config("""{ "file": "x", "template": "{{ if }}" }""");

        Assert.Equal(2, await RunAsync($"check --config {config}"));

        Assert.Contains("template of x:1:", _error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_mount_that_is_no_tmpfs_is_exit_code_1()
    {
        using var disk = TempDirectory.Create();
        var config = Config(mount: disk.FullName);

        Assert.Equal(1, await RunAsync($"init --config {config}"));

        Assert.Contains("not on tmpfs", _error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Render_prints_what_a_template_makes_of_data()
    {
        var template = _directory.Write("t", """{{ with secret "kv/app" }}{{ .Data.user }}:{{ .Data.password }}{{ end }}""");
        var data = _directory.Write("d.json", """{ "kv/app": { "user": "orders", "password": "p" } }""");

        Assert.Equal(0, await RunAsync($"render --template {template} --data {data}"));
        Assert.Equal("orders:p", Output());
    }

    [Theory]
    [InlineData("""{ "kv/app": { "user": 1 } }""", 2, "expected secrets by path and texts by field")]
    [InlineData("[]", 2, "expected secrets by path")]
    [InlineData("{", 2, "not JSON")]
    [InlineData("{}", 1, "kv/app")]
    public async Task Render_says_what_does_not_fit(string json, int exitCode, string expected)
    {
        var template = _directory.Write("t", """{{ (secret "kv/app").Data.user }}""");
        var data = _directory.Write("d.json", json);

        Assert.Equal(exitCode, await RunAsync($"render --template {template} --data {data} --missing-key error"));
        Assert.Contains(expected, _error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Wait_ends_when_the_first_generation_is_there()
    {
        var waiting = RunAsync($"wait --config {Config()} --timeout 60s");
        Assert.False(waiting.IsCompleted);

        Directory.CreateDirectory(Path.Combine(_mount.FullName, "..generation"));
        Directory.CreateSymbolicLink(Path.Combine(_mount.FullName, "..data"), "..generation");

        Assert.Equal(0, await waiting);
    }

    [Fact]
    public async Task Wait_ends_with_exit_code_4_and_the_agent_s_own_reason()
    {
        Assert.Equal(4, await RunAsync($"wait --config {Config()} --timeout 1ms"));

        Assert.Contains($"no files in {_mount.FullName} after 0.001 s: the agent does not answer", _error.ToString(), StringComparison.Ordinal);
    }

    public void Dispose()
    {
        _certificates.Dispose();
        _output.Dispose();
        _error.Dispose();
        _mount.Dispose();
        _directory.Dispose();
    }

    private Task<int> RunAsync(string line) => new CommandLine(TimeProvider.System, _output, _error)
        .RunAsync(line.Split(' ', StringSplitOptions.RemoveEmptyEntries), CancellationToken.None);

    private string Output() => Encoding.UTF8.GetString(_output.ToArray());

    private string Config(
        string file = """{ "file": "db/password", "secret": "kv/app", "field": "password", "notify": "signal:HUP:nginx" }""", string? mount = null) =>
        _directory.Write("config.json", $$"""
            { "broker": { "address": "https://localhost:1", "caFile": "{{_certificates.CaFile}}" },
              "mountPath": "{{mount ?? _mount.FullName}}", "listen": "127.0.0.1:1", "files": [ {{file}} ] }
            """);
}
