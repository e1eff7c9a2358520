using System.Text;
using SidecarAgent.Agent.Configuration;
using SidecarAgent.Testing;

namespace SidecarAgent.Agent.Tests.Configuration;

public sealed class ConfigurationParserTests
{
    private const string Broker = """ "broker": { "address": "https://broker:8443", "caPem": "-----BEGIN CERTIFICATE-----" } """;
    private const string File = """ { "file": "db.json", "secret": "kv/app" } """;

    [Fact]
    public void The_smallest_configuration_has_defaults_for_all_the_rest()
    {
        var options = Parse($$"""{ {{Broker}}, "files": [ {{File}} ] }""");

        Assert.Equal("https://broker:8443/", options.Broker.Address.ToString());
        Assert.Equal(new TokenFileIdentity("/var/run/sidecar-agent/token"), options.Identity);
        Assert.Equal("/secrets", options.MountPath);
        Assert.Equal("0.0.0.0:9464", options.Listen.ToString());
        Assert.False(options.AllowDisk);
        Assert.Equal(OnRevoke.Delete, options.OnRevoke);
        Assert.Equal(new LogOptions(Microsoft.Extensions.Logging.LogLevel.Information, LogFormat.Text), options.Log);
        Assert.Null(options.Notify);
        var file = Assert.Single(options.Files);
        Assert.Equal(("db.json", "kv/app", FileFormat.Json), (file.File, file.Secret, file.Format));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.GroupRead, file.Mode);
    }

    [Fact]
    public void Every_key_is_taken()
    {
        var options = Parse("""
            {
              "broker": { "address": "https://[::1]:8443", "caPem": "-----BEGIN CERTIFICATE-----" },
              "identity": { "tokenFile": "/t" },
              "mountPath": "/run/secrets",
              "allowDisk": true,
              "onRevoke": "keep",
              "logLevel": "debug",
              "logFormat": "json",
              "listen": "127.0.0.1:1234",
              "files": [
                { "file": "tls/key", "secret": "pki/web", "field": "key", "mode": "0400", "notify": "signal:HUP:nginx" },
                { "file": "app.env", "secret": "kv/app", "format": "env" },
                { "file": "app.conf", "template": "<< 1 >>", "leftDelimiter": "<<", "rightDelimiter": ">>", "missingKey": "error" }
              ],
              "notify": "http:8080/-/reload"
            }
            """);

        Assert.Equal((new TokenFileIdentity("/t"), "/run/secrets", true, OnRevoke.Keep), (options.Identity, options.MountPath, options.AllowDisk, options.OnRevoke));
        Assert.Equal(new LogOptions(Microsoft.Extensions.Logging.LogLevel.Debug, LogFormat.Json), options.Log);
        Assert.Equal("http:8080/-/reload", options.Notify?.ToString());
        Assert.Equal((FileFormat.Raw, "key", UnixFileMode.UserRead), (options.Files[0].Format, options.Files[0].Field, options.Files[0].Mode));
        Assert.Equal("signal:HUP:nginx", options.Files[0].Notify?.ToString());
        Assert.Equal(FileFormat.Env, options.Files[1].Format);
        Assert.Equal(("<<", ">>", true), (options.Files[2].LeftDelimiter, options.Files[2].RightDelimiter, options.Files[2].ErrorOnMissingKey));
    }

    [Theory]
    [InlineData("", "line 1, column 1: not JSON")]
    [InlineData("[1", "line 1, column 3: not JSON")]
    [InlineData("{\n  \"broker\": {},\n  oops }", "line 3, column 3: not JSON")]
    [InlineData("{} {}", "not JSON")]
    [InlineData("[]", "line 1, column 1: the configuration must be an object, not a list")]
    [InlineData("{ \"borker\": {} }", "line 1, column 3: unknown key borker (known: broker, identity,")]
    [InlineData("{\n \"broker\": {\n  \"adress\": \"x\" } }", "line 3, column 3: unknown key broker.adress (known: address, caFile, caPem)")]
    [InlineData("{ \"files\": [ {}, { \"mod\": \"0440\" } ] }", "line 1, column 20: unknown key files[1].mod (known: file,")]
    [InlineData("{ \"mountPath\": 1 }", "line 1, column 16: mountPath must be a text in quotes, not a number")]
    [InlineData("{ \"allowDisk\": \"yes\" }", "line 1, column 16: allowDisk must be true or false, not a text in quotes")]
    [InlineData("{ \"files\": {} }", "files must be a list, not an object")]
    [InlineData("{ \"files\": [ null ] }", "files[0] must be an object, not null")]
    [InlineData("{ \"notify\": null }", "notify must be a text in quotes, not null")]
    [InlineData("{ \"notify\": \"a\", \"notify\": \"b\" }", "line 1, column 18: notify stands twice")]
    [InlineData("{ \"notify\": \"\\ud800\" }", "line 1, column 13: notify holds half of a character")]
    [InlineData("{ \"\\ud800\": 1 }", "line 1, column 3: the configuration holds half of a character")]
    [InlineData("{ \"x\": { \"y\": [ 1 ] }, \"notify\": 2 }", "line 1, column 34: notify must be a text in quotes, not a number")]
    public void What_does_not_have_the_shape_is_said_with_its_place(string json, string expected) =>
        Assert.Contains(expected, Problems(json), StringComparison.Ordinal);

    [Theory]
    [InlineData("""{ "files": [ FILE ] }""", "broker.address is missing")]
    [InlineData("""{ "broker": { "address": "http://b:1", "caPem": "-----BEGIN CERTIFICATE-----" }, "files": [ FILE ] }""", "must be https://HOST:PORT")]
    [InlineData("""{ "broker": { "address": "https://b:1/x", "caPem": "-----BEGIN CERTIFICATE-----" }, "files": [ FILE ] }""", "must be https://HOST:PORT")]
    [InlineData("""{ "broker": { "address": "b:1", "caPem": "-----BEGIN CERTIFICATE-----" }, "files": [ FILE ] }""", "must be https://HOST:PORT")]
    [InlineData("""{ "broker": { "address": "https://b:1" }, "files": [ FILE ] }""", "broker: give either caFile or caPem")]
    [InlineData("""{ "broker": { "address": "https://b:1", "caFile": "/x", "caPem": "y" }, "files": [ FILE ] }""", "broker: give either caFile or caPem")]
    [InlineData("""{ "broker": { "address": "https://b:1", "caFile": "/does/not/exist" }, "files": [ FILE ] }""", "broker.caFile: Could not find")]
    [InlineData("""{ "broker": { "address": "https://b:1", "caPem": "nothing" }, "files": [ FILE ] }""", "broker.caPem: holds no certificate in PEM")]
    [InlineData("""{ BROKER }""", "files: name at least one file")]
    [InlineData("""{ BROKER, "files": [ {} ] }""", "files[0].file is missing")]
    [InlineData("""{ BROKER, "files": [ { "file": "a" } ] }""", "files[0]: give a secret, or a template")]
    [InlineData("""{ BROKER, "files": [ { "file": "/a", "secret": "kv/a" } ] }""", "files[0].file: '/a' is absolute")]
    [InlineData("""{ BROKER, "files": [ { "file": "../a", "secret": "kv/a" } ] }""", "files[0].file: '../a' holds '..'")]
    [InlineData("""{ BROKER, "files": [ { "file": "..data", "secret": "kv/a" } ] }""", "the agent's own")]
    [InlineData("""{ BROKER, "files": [ { "file": "a", "secret": "kv//a" } ] }""", "files[0].secret: 'kv//a' must be a path")]
    [InlineData("""{ BROKER, "files": [ { "file": "a", "secret": "/kv/a" } ] }""", "files[0].secret: '/kv/a' must be a path")]
    [InlineData("""{ BROKER, "files": [ { "file": "a", "secret": "kv/ä" } ] }""", "files[0].secret: 'kv/ä' must be a path")]
    [InlineData("""{ BROKER, "files": [ { "file": "a", "secret": "kv/a", "field": "x y" } ] }""", "files[0].field: 'x y' must be")]
    [InlineData("""{ BROKER, "files": [ { "file": "a", "secret": "kv/a", "format": "toml" } ] }""", "files[0].format: 'toml' must be one of json, raw, env, yaml, properties")]
    [InlineData("""{ BROKER, "files": [ { "file": "a", "secret": "kv/a", "format": "raw" } ] }""", "files[0]: the format raw needs a field")]
    [InlineData("""{ BROKER, "files": [ { "file": "a", "secret": "kv/a", "missingKey": "error" } ] }""", "missingKey need a template")]
    [InlineData("""{ BROKER, "files": [ { "file": "a", "template": "x", "missingKey": "no" } ] }""", "files[0].missingKey: 'no' must be one of")]
    [InlineData("""{ BROKER, "files": [ { "file": "a", "secret": "kv/a", "mode": "440x" } ] }""", "files[0].mode: '440x' must be octal")]
    [InlineData("""{ BROKER, "files": [ { "file": "a", "secret": "kv/a", "mode": "0888" } ] }""", "files[0].mode: '0888' must be octal")]
    [InlineData("""{ BROKER, "files": [ { "file": "a", "secret": "kv/a", "mode": "4755" } ] }""", "files[0].mode: '4755': setuid")]
    [InlineData("""{ BROKER, "files": [ { "file": "a", "secret": "kv/a", "mode": "0040" } ] }""", "files[0].mode: '0040': the agent itself must be able to read")]
    [InlineData("""{ BROKER, "files": [ { "file": "a", "secret": "kv/a", "notify": "signal:KILL:nginx" } ] }""", "files[0].notify: 'signal:KILL:nginx' names no signal")]
    [InlineData("""{ BROKER, "files": [ FILE, FILE ] }""", "files: file 'db.json' is there more than once")]
    [InlineData("""{ BROKER, "files": [ { "file": "tls", "secret": "kv/a" }, { "file": "tls/key", "secret": "kv/a" } ] }""", "files: 'tls' is a file, and 'tls/key' needs it to be a directory")]
    [InlineData("""{ BROKER, "files": [ FILE ], "mountPath": "secrets" }""", "mountPath: 'secrets' must be an absolute path")]
    [InlineData("""{ BROKER, "files": [ FILE ], "listen": "9464" }""", "listen: '9464' must be ADDRESS:PORT")]
    [InlineData("""{ BROKER, "files": [ FILE ], "listen": "localhost:9464" }""", "listen: 'localhost:9464' must be ADDRESS:PORT")]
    [InlineData("""{ BROKER, "files": [ FILE ], "onRevoke": "shred" }""", "onRevoke: 'shred' must be one of delete, keep")]
    [InlineData("""{ BROKER, "files": [ FILE ], "logLevel": "Info" }""", "logLevel: 'Info' must be one of trace, debug, info, warn, error")]
    [InlineData("""{ BROKER, "files": [ FILE ], "logFormat": "xml" }""", "logFormat: 'xml' must be one of text, json")]
    [InlineData("""{ BROKER, "files": [ FILE ], "notify": "exec:reload" }""", "notify: 'exec:reload' must be signal:NAME:PROCESS or http:PORT/PATH")]
    public void What_makes_no_sense_is_said_with_its_key(string json, string expected) => Assert.Contains(
        expected,
        Problems(json.Replace("BROKER", Broker, StringComparison.Ordinal).Replace("FILE", File, StringComparison.Ordinal)),
        StringComparison.Ordinal);

    [Fact]
    public void An_identity_may_come_from_a_spiffe_agent() => Assert.Equal(
        new SpiffeIdentity("/run/spire/agent.sock", "sidecar-broker"),
        Parse($$"""{ {{Broker}}, "identity": { "spiffeSocket": "unix:///run/spire/agent.sock", "audience": "sidecar-broker" }, "files": [ {{File}} ] }""").Identity);

    [Theory]
    [InlineData(""" "audience": "a" """, "identity.audience: only a spiffeSocket is asked for an audience")]
    [InlineData(""" "spiffeSocket": "unix:///s" """, "identity.audience is missing")]
    [InlineData(""" "spiffeSocket": "unix:///s", "audience": "" """, "identity.audience is missing")]
    [InlineData(""" "spiffeSocket": "unix:///s", "audience": "a", "tokenFile": "/t" """, "identity: give either tokenFile or spiffeSocket")]
    [InlineData(""" "spiffeSocket": "tcp://127.0.0.1:80", "audience": "a" """, "identity.spiffeSocket: 'tcp://127.0.0.1:80' must be unix:///PATH")]
    [InlineData(""" "spiffeSocket": "unix://s", "audience": "a" """, "must be unix:///PATH")]
    [InlineData(""" "spiffeSocket": "unix:///aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "audience": "a" """, "more than 107 bytes")]
    public void An_identity_that_makes_no_sense_is_said_with_its_key(string identity, string expected) => Assert.Contains(
        expected,
        Assert.Throws<InvalidConfigurationException>(() => Parse($$"""{ {{Broker}}, "identity": { {{identity}} }, "files": [ {{File}} ] }""")).Message,
        StringComparison.Ordinal);

    [Fact]
    public void Everything_is_said_at_once_in_one_line()
    {
        var error = Assert.Throws<InvalidConfigurationException>(() => Parse("""
            { "broker": { "address": "http://b" }, "onRevoke": "x", "files": [ { "file": "../a", "mode": "9" } ] }
            """));

        Assert.Equal(6, error.Problems.Count);
        Assert.StartsWith("configuration, 6 problems: broker.address:", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }

    [Fact]
    public void A_configuration_of_more_than_a_megabyte_is_not_read()
    {
        using var directory = TempDirectory.Create();
        var file = directory.Write("config.json", new string(' ', ConfigurationText.MaxBytes + 1));

        var error = Assert.Throws<InvalidConfigurationException>(() => ConfigurationText.Read(file, null));

        Assert.Contains("at most 1048576 are read", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_file_comes_before_the_variable_and_one_of_them_must_be_there()
    {
        using var directory = TempDirectory.Create();
        var file = directory.Write("config.json", "{}");

        Assert.Equal("{}", Encoding.UTF8.GetString(ConfigurationText.Read(file, "[]")));
        Assert.Equal("[]", Encoding.UTF8.GetString(ConfigurationText.Read(null, "[]")));
        Assert.Contains("there is none", Assert.Throws<InvalidConfigurationException>(() => ConfigurationText.Read(null, " ")).Message, StringComparison.Ordinal);
        Assert.Contains("--config", Assert.Throws<InvalidConfigurationException>(() => ConfigurationText.Read("/does/not/exist", null)).Message, StringComparison.Ordinal);
    }

    private static AgentOptions Parse(string json) => ConfigurationParser.Parse(Encoding.UTF8.GetBytes(json));

    private static string Problems(string json) => Assert.Throws<InvalidConfigurationException>(() => Parse(json)).Message;
}
