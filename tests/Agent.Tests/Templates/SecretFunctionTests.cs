using System.Buffers;
using System.Text;
using SidecarAgent.Agent.Configuration;
using SidecarAgent.Agent.Rendering;
using FileOptions = SidecarAgent.Agent.Configuration.FileOptions;

namespace SidecarAgent.Agent.Tests.Templates;

public sealed class SecretFunctionTests
{
    [Theory]
    [InlineData("{{ with secret \"kv/app\" }}{{ .Data.user }}:{{ .Data.data.user }}:{{ .user }}{{ end }}", "joe:joe:joe")]
    [InlineData("{{ (secret `kv/app`).Data.data.pass }}", "p&w")]
    [InlineData("{{ $s := secret `kv/app` }}{{ $s.Version }} {{ $s.Data.metadata.version }}", "7 7")]
    [InlineData("{{ range $k, $v := (secret `kv/app`).Data }}{{ $k }}={{ $v }};{{ end }}", "pass=p&w;user=joe;")]
    [InlineData("{{ range $k, $v := (secret `kv/app`).Data.data }}{{ $k }};{{ end }}", "pass;user;")]
    [InlineData("{{ range $k, $v := secret `kv/app` }}{{ $k }};{{ end }}", "pass;user;")]
    [InlineData("{{ secret `kv/app` | toUnescapedJSON }}", "{\"pass\":\"p&w\",\"user\":\"joe\"}")]
    [InlineData("{{ (secret `kv/app`).Data | toJSON }}", "{\"pass\":\"p\\u0026w\",\"user\":\"joe\"}")]
    [InlineData("{{ len (secret `kv/app`) }}", "2")]
    [InlineData("{{ index (secret `kv/app`) `user` }}{{ index (secret `kv/app`).Data `user` }}", "joejoe")]
    [InlineData("{{ `kv/app` | secret | toYAML }}", "pass: \"p&w\"\nuser: joe")]
    [InlineData("{{ (secret `kv/app`).Data.nope }}{{ if (secret `kv/app`).Data.nope }}x{{ end }}", "<no value>")]
    [InlineData("{{ (secret `kv/odd`).Data.data }} {{ (secret `kv/odd`).data }}", "field-data field-data")]
    [InlineData("{{ with secret `kv/none` }}there{{ else }}none{{ end }}{{ with (secret `kv/none`).Data }}x{{ else }}empty{{ end }}", "thereempty")]
    [InlineData("{{ define `t` }}{{ with secret `kv/app` }}{{ .user }}{{ end }}{{ end }}{{ template `t` }}", "joe")]
    public void Secrets_have_the_shapes_that_templates_know(string template, string expected) =>
        Assert.Equal(expected, Encoding.UTF8.GetString(Render(template)));

    [Fact]
    public void Fields_that_are_not_text_stay_byte_for_byte() =>
        Assert.Equal([0xFF, 0x00, 0xFE], Render("{{ (secret `kv/raw`).Data.key }}"));

    [Fact]
    public void Fields_that_are_not_text_can_be_encoded() =>
        Assert.Equal("/wD+", Encoding.UTF8.GetString(Render("{{ (secret `kv/raw`).key | base64Encode }}")));

    [Theory]
    [InlineData("{{ with pkiCert `pki/web` }}{{ .Cert }}|{{ .Key }}|{{ .CA }}|{{ .Data.Cert }}{{ end }}", "CERT|KEY|CA|CERT")]
    [InlineData("{{ with pkiCert `pki/files` }}{{ .Cert }}|{{ .Key }}|{{ .CA }}{{ end }}", "C|K|<no value>")]
    public void A_certificate_has_the_names_of_consul_template(string template, string expected) =>
        Assert.Equal(expected, Encoding.UTF8.GetString(Render(template)));

    [Fact]
    public void A_secret_that_is_no_certificate_is_refused() =>
        Assert.EndsWith(
            "error calling pkiCert: the secret is no certificate: it needs the fields certificate and privateKey",
            Assert.Throws<RenderException>(() => Render("{{ pkiCert `kv/app` }}")).Message,
            StringComparison.Ordinal);

    [Theory]
    [InlineData("no secrets", "")]
    [InlineData("{{ with secret \"kv/a\" }}{{ .x }}{{ end }}", "kv/a")]
    [InlineData("{{ (secret `kv/a`).x }}{{ (secret `kv/b`).x }}{{ secret `kv/a` }}", "kv/a kv/b")]
    [InlineData("{{ if false }}{{ secret `a` }}{{ else }}{{ secret `b` }}{{ end }}{{ range secret `c` }}{{ secret `d` }}{{ end }}", "a b c d")]
    [InlineData("{{ template `t` secret `a` }}{{ define `t` }}{{ print (secret `b` | toJSON) }}{{ end }}", "a b")]
    [InlineData("{{ $x := print (or (secret `a`) (secret `b`)) }}{{ `c` | secret }}{{ (`d` | secret).x }}{{ (pkiCert `e`).Key }}", "a b c d e")]
    [InlineData("{{ block `b` (secret `x`) }}{{ secret `y` }}{{ end }}", "x y")]
    public void All_secrets_of_a_template_are_known_before_it_is_rendered(string template, string expected) =>
        Assert.Equal(expected, string.Join(' ', TemplateRun.Compile(template).Secrets.Select(need => need.Path)));

    [Theory]
    [InlineData("{{ secret .path }}", "1:4: in secret: secret needs its path as a string constant: the agent asks for all secrets of a template before it renders it, so a path cannot be computed")]
    [InlineData("{{ secret (printf `kv/%s` .x) }}", "1:4: in secret: secret needs its path as a string constant")]
    [InlineData("{{ $p := `kv/a` }}\n{{ secret $p }}", "2:4: in secret: secret needs its path as a string constant")]
    [InlineData("{{ printf `a` | secret }}", "1:17: in secret: secret needs its path as a string constant")]
    [InlineData("{{ secret }}", "1:4: in secret: secret needs the path of a secret: secret \"kv/shop/orders\"")]
    [InlineData("{{ print secret }}", "1:10: in secret: secret needs the path of a secret")]
    [InlineData("{{ secret.Data.x }}", "1:4: in secret: secret needs the path of a secret")]
    [InlineData("{{ pkiCert `pki/a` `common_name=x` }}", "1:4: in pkiCert: pkiCert takes a path only; what is issued, and how, is set up at the broker")]
    [InlineData("{{ secret `/kv/a` }}", "1:4: in secret: a secret's path has 1 to 256 characters")]
    [InlineData("{{ secret `kv//a` }}", "1:4: in secret: a secret's path has 1 to 256 characters")]
    [InlineData("{{ secret `kv/a b` }}", "1:4: in secret: a secret's path has 1 to 256 characters")]
    [InlineData("{{ secret `` }}", "1:4: in secret: a secret's path has 1 to 256 characters")]
    public void A_path_that_is_not_known_beforehand_is_refused(string template, string expected) =>
        Assert.StartsWith($"app.conf:{expected}", TemplateRun.CompileError(template).Message, StringComparison.Ordinal);

    [Fact]
    public void A_file_with_a_secret_and_a_template_has_the_secret_as_its_dot()
    {
        var renderer = FileRenderer.Compile(new FileOptions
        {
            File = "app.conf",
            Secret = "kv/app",
            Field = "user",
            Format = FileFormat.Raw,
            Template = "[[ .user ]] [[ (secret `kv/odd`).data ]]",
            LeftDelimiter = "[[",
            RightDelimiter = "]]",
        });
        var output = new ArrayBufferWriter<byte>();
        renderer.Render(Secrets(), output);
        Assert.Equal("joe field-data", Encoding.UTF8.GetString(output.WrittenSpan));
        Assert.Equal([new SecretNeed("kv/app", "user"), new SecretNeed("kv/odd", null)], renderer.Secrets);
    }

    [Fact]
    public void A_file_can_make_missing_keys_an_error()
    {
        var renderer = FileRenderer.Compile(new FileOptions
        {
            File = "app.conf",
            Template = "{{ with secret `kv/app` }}{{ .Data.nope }}{{ end }}",
            ErrorOnMissingKey = true,
        });
        var error = Assert.Throws<RenderException>(() => renderer.Render(Secrets(), new ArrayBufferWriter<byte>()));
        Assert.Equal("app.conf:1:30: at <.Data.nope>: the map has no entry 'nope'", error.Message);
    }

    private static byte[] Render(string template) => TemplateRun.RenderBytes(template, secrets: Secrets());

    private static SecretSet Secrets() => new(
    [
        Secret("kv/app", ("user", "joe"u8.ToArray()), ("pass", "p&w"u8.ToArray())),
        Secret("kv/odd", ("data", "field-data"u8.ToArray())),
        Secret("kv/raw", ("key", [0xFF, 0x00, 0xFE])),
        Secret("kv/none"),
        Secret("pki/web", ("certificate", "CERT"u8.ToArray()), ("privateKey", "KEY"u8.ToArray()), ("ca", "CA"u8.ToArray())),
        Secret("pki/files", ("tls.crt", "C"u8.ToArray()), ("tls.key", "K"u8.ToArray())),
    ]);

    private static SecretData Secret(string path, params (string Name, byte[] Value)[] fields) =>
        new(path, 7, fields.Select(f => KeyValuePair.Create(f.Name, (ReadOnlyMemory<byte>)f.Value)));
}
