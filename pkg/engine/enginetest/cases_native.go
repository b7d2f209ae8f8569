package enginetest

import (
	"math"

	"github.com/mlpdev/mlp/pkg/sql"
)

// nativeHashCases hash what is no text.
func nativeHashCases() []Case {
	x := column("x", sql.Double, nil, 0.0, math.Copysign(0, -1), 1.5, math.NaN(), math.Inf(-1), 1e300)
	f := column("f", sql.Float, nil, 0.0, math.Copysign(0, -1), 1.5, math.NaN(), math.Inf(-1), 0.1)
	d := decimals("d", 5, 2, nil, "0.00", "-0.05", "1.50", "-999.99", "999.99", "1.28")
	w := decimals("w", 38, 10, nil, "0", "-0.0000000128", "1.5", "-9999999999999999999999999999.9999999999", "9999999999999999999999999999.9999999999", "0.0000000128")
	u := decimals("u", 2, 2, nil, "0.00", "-0.05", "0.5", "-0.99", "0.99", "0.12")
	s := column("s", sql.String, nil, "", "a", "0123456789abcdef0123456789abcdef0123456789", "é日😀", "01234567890123456789012345678901", "abcdefg")
	l := column("l", sql.BigInt, nil, 0, -1, math.MaxInt64, math.MinInt64, 5, 7)
	t := column("t", sql.Timestamp, nil, "1970-01-01 00:00:00", "2020-02-29 23:59:59.999999", "1969-12-31 23:59:59.5", "9999-12-31 23:59:59", "2024-12-30 00:00:00", "1970-01-01 00:00:00.000001")
	return answers("more hashes", Table{x, f, d, w, u, s, l, t},
		[]string{"hash(x)", "42", "-1670924195", "-1670924195", "1290763749", "-1281358385", "461104036", "-359479591"},
		[]string{"hash(f)", "42", "933211791", "933211791", "-221251528", "-349261430", "427440766", "38965448"},
		[]string{"hash(d)", "42", "-1670924195", "424949597", "-2056712946", "-1506032102", "790288776", "-1794377518"},
		[]string{"hash(w)", "42", "-783713497", "775851899", "-994477761", "1400911110", "-817514053", "-544401882"},
		[]string{"hash(u)", "42", "-1670924195", "424949597", "2052269418", "-1924689017", "1771271977", "435522712"},
		[]string{"hash(array(l, 1, l))", "-1712319331", "1983170777", "415621311", "-871187827", "-644294535", "-1477226871", "1953968632"},
		[]string{"hash(array(array(s), NULL), 1)", "-559580957", "990749207", "532252686", "1595548134", "1606674179", "1323973702", "-313965551"},
		[]string{"hash(named_struct('a', s, 'b', array(x)), l)", "42", "356407491", "-975889987", "-359878462", "-1720405694", "201615700", "368379864"},
		[]string{"xxhash64(x)", "42", "-5252525462095825812", "-5252525462095825812", "7738255526519901366", "-3127944061524951246", "5326262080505358431", "-6660537626403695510"},
		[]string{"xxhash64(f)", "42", "3614696996920510707", "3614696996920510707", "6163473420726370430", "2692338816207849720", "-7580553461823983095", "-7604770425485878823"},
		[]string{"xxhash64(d)", "42", "-5252525462095825812", "-5259934538394028452", "-6873856301616164681", "6475158450212929761", "861828129687809931", "-4045576785621496215"},
		[]string{"xxhash64(w)", "42", "-8959994473701255385", "-7898411661632158123", "-3765538183238091397", "-2254039905620870768", "-47190729175993179", "6715097930120473301"},
		[]string{"xxhash64(u)", "42", "-5252525462095825812", "-5259934538394028452", "-5060649593722882537", "-5286005217441408122", "-2952515833405150181", "1303166580410243576"},
		[]string{"xxhash64(s)", "42", "-7444071767201028348", "-8582455328737087284", "-1423225805886817256", "-8884231557749803049", "-7360845206938539012", "3761890393722740389"},
		[]string{"xxhash64(l)", "42", "-5252525462095825812", "3858142552250413010", "-3246596055638297850", "-8619748838626508300", "6251837290343458373", "-2864211556195259663"},
		[]string{"xxhash64(cast(l as int), l > 0)", "42", "1151812168208346021", "5423338080166259381", "-2216498792181373770", "1151812168208346021", "1906077883424555237", "9169376771526295306"},
		[]string{"xxhash64(t, cast(t as date))", "42", "8050503502868583368", "-5725265504637783593", "-2169488147026204586", "-3320346290849467524", "8075298391269479978", "-2888108625965644557"},
		[]string{"xxhash64(encode(s, 'UTF-8'))", "42", "-7444071767201028348", "-8582455328737087284", "-1423225805886817256", "-8884231557749803049", "-7360845206938539012", "3761890393722740389"},
		[]string{"xxhash64(array(s, NULL, 'b'), named_struct('a', l))", "-6391946315847899181", "-6871150597880195906", "229663320435213273", "-538191160384163885", "4690160865853409224", "4143463293049395224", "-8881756652415671001"},
		[]string{"sha2(s, 224)", "NULL", "d14a028c2a3a2bc9476102bb288234c415a2b01f828ea62ac5b3e42f", "abd37534c7d9a2efb9465de931cd7055ffdb8879563ae98078d6d6d5", "c33ea0a27bb16fe6068333a1e6730f49441f854de75fc5522cbb5cc1", "1610fc51eb84748a52a0f8abdaf32ede171a65f2d90dfeae9c94d5b1", "e9fafe0bc86eb02fb3981e6db26421a3a714ee942fb45fc07f4668c7", "d1884e711701ad81abe0c77a3b0ea12e19ba9af64077286c72fc602d"},
		[]string{"sha2(s, 384)", "NULL", "38b060a751ac96384cd9327eb1b1e36a21fdb71114be07434c0cc7bf63f6e1da274edebfe76f65fbd51ad2f14898b95b", "54a59b9f22b0b80880d8427e548b7c23abd873486e1f035dce9cd697e85175033caa88e6d57bc35efae0b5afd3145f31", "3dccf131284e4684cc929edbaced2efd3244f6a72e35ed834fc065c1fa6aee72eabb62c83335aa3b57e3518126a78989", "f4d0ef61c4c9ccbf769ad41465a34fa4d1c7de10bed515c51ba260168dcb7c4a216a4ca0820548fe3b4e9f4cfd296876", "952d0f0bb29b779b23b5870d41d39b8053c83980b1e3f854cc080d152da7c1df5bf3f33fc2495936b59deaa38cdc1da1", "9f11fc131123f844c1226f429b6a0a6af0525d9f40f056c7fc16cdf1b06bda08e302554417a59fa7dcf6247421959d22"},
		[]string{"sha2(s, 512)", "NULL", "cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce47d0d13c5d85f2b0ff8318d2877eec2f63b931bd47417a81a538327af927da3e", "1f40fc92da241694750979ee6cf582f2d5d7d28e18335de05abc54d0560e0f5302860c652bf08d560252aa5e74210546f369fbbbce8c12cfc7957b2652fe9a75", "2b5f250cb3e63a5fb88b62664caf76e7d605e30b8b3d8308e2e8bc431ed12df33c2dbdd5ede6293134b568ef704fe4d0908f85df5ddfa24f332147da6764ccee", "4b7c442f06500e13c6a851615f0176d003341fd9e7842aa4844c4bdea6f3848d19c2caf53ed972a7277dfc5c4611853e90ac675119c5d01c50a041e13b32de96", "401b93ea17ad7edd74acc5d07917e9f71ba237121a746843167523985fc829cf4d4e18bb219387764d617a4482c06d2888c20ede3624ee62475e67cb145a9adf", "d716a4188569b68ab1b6dfac178e570114cdf0ea3a1cc0e31486c3e41241bc6a76424e8c37ab26f096fc85ef9886c8cb634187f4fddff645fb099f1ff54c6b8c"},
		[]string{"sha2(s, 0)", "NULL", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb", "1a77b7fec89866d1b530d5fd4d0e4fdfdd42bfdbc5c25d26f31e530d9ee72a02", "48461f9ffd00e070c49b8c64d3a1cefcc2aaf0cc200b70305d7fea432951f5f3", "861009ec4d599fab1f40abc76e6f89880cff5833c79c548c99f9045f191cd90b", "7d1a54127b222502f5b79b5fb0803061152a44f92b37e23c6527baf665d4da9a"},
		[]string{"hex(hmac('key', s))", "NULL", "5D5D139563C95B5967B9BD9A8C9B233A9DEDB45072794CD232DC1B74832607D0", "780C3DB4CE3DE5B9E55816FBA98F590631D96C075271B26976238D5F4444219B", "225FFCC62F205F19EA2AE17CD0B287400B4884C2463EE8C4BBD64DFC5721ACF8", "BFE344EF7131ACC5CF2C95DF0218C312824B5A0831897B6FF0F6198B1053E317", "FCA098BFD23FD48354963A4A909B5B3E68A9F74A19F7116A68771B8A96D118DD", "4718CEBF3BDE5716605B6FEA813757E05DC234EE47BB6C81B7559D4731949771"},
		[]string{"hex(hmac(s, 'message', 'md5'))", "NULL", "NULL", "A554A174E05B734FDBB8264192D50E93", "5BB2E0C60EC4503C552461D22A1DB677", "62AB7797593CE4BF86BB90E341301FFE", "7564388F8A918F8C05E0027701F40B40", "7EA46CD9EBCDB6B31DA64BCEA38CC4D0"},
		[]string{"hex(hmac(encode(s, 'UTF-8'), 'm', 'sha-1'))", "NULL", "NULL", "B96C2F645DC39A283580ABBAD0E6F52866A11A41", "3DB3740E103A111A8C36D26896378EAEE4CB3BE5", "32FD58DA5EAFE044B54F385ADF7A6D26FD641822", "734BC004CE14A9045DBC0C118CE718618FEAFC2E", "D826CE8504FC8ABAE3BAD552056574C47BF20187"},
		[]string{"hex(hmac(s, s, 'SHA224'))", "NULL", "NULL", "7A5027C4F3A358A76D943D6D83A8242675FE96E2D30A526FE9E19629", "929B4736F7AEBB09FF0C49257FBFEC644B532F8AE405850ACE440C7D", "3A2B8EFF2E0D1506E77D40A08DCAAAEF3FB71CED297CADCC19148BD7", "A140946604B42753F4E389617B9E6F10C043ED3E186252459E650013", "AB4455633E0486DDEA8A0A9154E174CC78AF902F6D211AAADE356099"},
		[]string{"hex(hmac(s, s, 'SHA-384'))", "NULL", "NULL", "724C212553F366248BC76017E812C8ACC85B94FEC2F396C2A925BCC2571F7AB29FEDEE6B3B3013BBF9DE7B89549D5A69", "713A3CF05B5AC4C2858679B588C88D2309B3E2658B5C94FDAA5917E687F08A600B9DC4EC991FEDA58163053B589CC397", "18027991F494A12AFF68F3E5331B2D62B2B5BF18A5EEA7EF5479F4AC9CA5FF94BC2594F3507DA944E2D4E4E866FF4E78", "8D8862782A45837C0882E9DAB8BD2439A725FE07A2C956AB8B7A81E720BEA51002EBD072094570ED33AFEE5A6200F6F1", "9B0464993DA346F35A4B730CD665AD9CA5D878A631E80903FBC985B99390BA3AE29953FDAC685030962ACC7AF91430F3"},
		[]string{"hex(hmac(s, s, 'SHA-512'))", "NULL", "NULL", "FC8C80E6B943CD07ECCECF01BC6038BAE68EBB6FA2E1E62B44753D7C177AF7A46B089DF349A19F7622A22312C76906CA9C984E1446D3AB86A98FDFA1425341C5", "A7DB3F133C848EB60D340BD5C31CDA7FAC4537F82A6938A8FD62CD7543231E0BC8393EE757E8F242B9C838EDBF5E0FBA10B7E3F342D346B016A3C54A4125814B", "9776951CA84CD1012D0085603619732856B4A5B99852458189D83A5993CAF62D51FDD497349AF3BA8F46F0AAE490A19D8831F83C656ADA2C416EA69A4CA94110", "9E685E6FD7D351496ADAF2492F77468C16CBC4DDA0B5E2B0598347BF960D9E145D02374B7F17B64E6F33C0F728DC5665C780318B9744FC468C4C2FF4D714388F", "A11B86EB5F1244EB4AE9C4388D8A427C7DA68D05969C3D90208B34471E951C2023A9A73D4F94B847B9BDD487A366D53C9ACA7A6B6FC410BEDC9EA46631CA0ADB"},
	)
}

// bytesCases are functions of texts, with bytes.
func bytesCases() []Case {
	h := column("h", sql.String, nil, "", "20", "00FF", "2061622020", "C3A9E697A5", "61C262F0808061ED9F", "FEFF006100E9", "FFFE3DD800DE", "0000FEFF0001F600")
	n := column("n", sql.Int, 1, 0, -1, 2, -3, 3, math.MaxInt32, math.MinInt32, nil, 4)
	s := column("s", sql.String, "a", nil, "", "éa", "日😀", "MZXW6===", "mz xw6y!tboi", "YW=I", "YW Jj\n", "616")
	return answers("bytes as texts", Table{h, n, s},
		[]string{"length(unhex(h))", "NULL", "0", "1", "2", "5", "5", "9", "6", "6", "8"},
		[]string{"bit_length(unhex(h))", "NULL", "0", "8", "16", "40", "40", "72", "48", "48", "64"},
		[]string{"hex(substring(unhex(h), n))", "NULL", "", "20", "FF", "622020", "E697A5", "", "FEFF006100", "NULL", "FF0001F600"},
		[]string{"hex(substring(unhex(h), n, 2))", "NULL", "", "20", "FF", "6220", "E697", "", "", "NULL", "FF00"},
		[]string{"hex(substr(unhex(h), -2, n))", "NULL", "", "", "00FF", "", "97A5", "ED9F", "", "NULL", "F600"},
		[]string{"hex(left(unhex(h), n))", "NULL", "", "", "00FF", "", "C3A9E6", "61C262F0808061ED9F", "", "NULL", "0000FEFF"},
		[]string{"hex(lpad(unhex(h), 4))", "NULL", "00000000", "00000020", "000000FF", "20616220", "C3A9E697", "61C262F0", "FEFF0061", "FFFE3DD8", "0000FEFF"},
		[]string{"hex(rpad(unhex(h), 4, x'0102'))", "NULL", "01020102", "20010201", "00FF0102", "20616220", "C3A9E697", "61C262F0", "FEFF0061", "FFFE3DD8", "0000FEFF"},
		[]string{"hex(lpad(unhex(h), 4, x''))", "NULL", "", "20", "00FF", "20616220", "C3A9E697", "61C262F0", "FEFF0061", "FFFE3DD8", "0000FEFF"},
		[]string{"hex(overlay(unhex(h) placing x'AABB' from n))", "NULL", "AABB", "AABB20", "00AABB", "AABB20", "C3A9AABBA5", "61C262F0808061ED9FAABB", "AABBFEFF006100E9", "NULL", "0000FEAABB01F600"},
		[]string{"hex(overlay(unhex(h) placing x'AABB' from 2 for n))", "NULL", "AABB", "20AABB", "00AABB", "20AABB2020", "C3AABBA5", "61AABB", "FEAABB6100E9", "NULL", "00AABB01F600"},
		[]string{"hex(reverse(unhex(h)))", "NULL", "", "20", "FF00", "2020626120", "A597E6A9C3", "9FED618080F062C261", "E9006100FFFE", "DE00D83DFEFF", "00F60100FFFE0000"},
		[]string{"hex(unhex(h) || x'00' || unhex(h))", "NULL", "00", "200020", "00FF0000FF", "2061622020002061622020", "C3A9E697A500C3A9E697A5", "61C262F0808061ED9F0061C262F0808061ED9F", "FEFF006100E900FEFF006100E9", "FFFE3DD800DE00FFFE3DD800DE", "0000FEFF0001F600000000FEFF0001F600"},
		[]string{"contains(unhex(h), x'FF')", "NULL", "false", "false", "true", "false", "false", "false", "true", "true", "true"},
		[]string{"startswith(unhex(h), x'')", "NULL", "true", "true", "true", "true", "true", "true", "true", "true", "true"},
		[]string{"startswith(unhex(h), x'FF')", "NULL", "false", "false", "false", "false", "false", "false", "false", "true", "false"},
		[]string{"endswith(unhex(h), x'2020')", "NULL", "false", "false", "false", "true", "false", "false", "false", "false", "false"},
		[]string{"btrim(encode(s, 'UTF-8'))", "a", "NULL", "", "éa", "日😀", "MZXW6===", "mz xw6y!tboi", "YW=I", "YW Jj\n", "616"},
		[]string{"btrim(encode(s, 'UTF-8'), x'61')", "", "NULL", "", "é", "日😀", "MZXW6===", "mz xw6y!tboi", "YW=I", "YW Jj\n", "616"},
		[]string{"unhex(h) = x'20'", "NULL", "false", "true", "false", "false", "false", "false", "false", "false", "false"},
		[]string{"md5(unhex(h))", "NULL", "d41d8cd98f00b204e9800998ecf8427e", "7215ee9c7d9dc229d2921a40e899ec5f", "d07d34efac6328007ad67c7e0a985e00", "3b632312609e3a5d453290193286b654", "376f9b4caf919adc5758c5ae3549a812", "34d66ee3537c7b04f36fb411bf47351d", "8253ddfc1bfe4361fe65d05171989611", "6160e19954e3c19e25194ac15e4f2e02", "7e6369ae25e861b22eea9b2844551027"},
		[]string{"is_valid_utf8(unhex(h))", "NULL", "true", "true", "false", "true", "true", "false", "false", "false", "false"},
		[]string{"make_valid_utf8(unhex(h))", "NULL", "", " ", "\u0000�", " ab  ", "é日", "a�b���a�", "��\u0000a\u0000�", "��=�\u0000�", "\u0000\u0000��\u0000\u0001�\u0000"},
		[]string{"try_validate_utf8(unhex(h))", "NULL", "", " ", "NULL", " ab  ", "é日", "NULL", "NULL", "NULL", "NULL"},
		[]string{"validate_utf8(s)", "a", "NULL", "", "éa", "日😀", "MZXW6===", "mz xw6y!tboi", "YW=I", "YW Jj\n", "616"},
		[]string{"decode(unhex(h), 'UTF-16')", "NULL", "", "NULL", "ÿ", "NULL", "NULL", "NULL", "aé", "😀", "\u0000\ufeff\u0001"},
		[]string{"decode(unhex(h), 'UTF-16BE')", "NULL", "", "NULL", "ÿ", "NULL", "NULL", "NULL", "\ufeffaé", "￾㷘Þ", "\u0000\ufeff\u0001"},
		[]string{"decode(unhex(h), 'UTF-32')", "NULL", "", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "😀"},
		[]string{"decode(unhex(h), 'ISO-8859-1')", "NULL", "", " ", "\u0000ÿ", " ab  ", "Ã©æ¥", "aÂbðaí", "þÿ\u0000a\u0000é", "ÿþ=Ø\u0000Þ", "\u0000\u0000þÿ\u0000\u0001ö\u0000"},
		[]string{"decode(unhex(h), 'us-ascii')", "NULL", "", " ", "NULL", " ab  ", "NULL", "NULL", "NULL", "NULL", "NULL"},
		[]string{"hex(encode(s, 'UTF-16'))", "FEFF0061", "NULL", "", "FEFF00E90061", "FEFF65E5D83DDE00", "FEFF004D005A005800570036003D003D003D", "FEFF006D007A00200078007700360079002100740062006F0069", "FEFF00590057003D0049", "FEFF005900570020004A006A000A", "FEFF003600310036"},
		[]string{"hex(encode(s, 'UTF-16LE'))", "6100", "NULL", "", "E9006100", "E5653DD800DE", "4D005A005800570036003D003D003D00", "6D007A00200078007700360079002100740062006F006900", "590057003D004900", "5900570020004A006A000A00", "360031003600"},
		[]string{"hex(encode(s, 'UTF-32'))", "00000061", "NULL", "", "000000E900000061", "000065E50001F600", "0000004D0000005A0000005800000057000000360000003D0000003D0000003D", "0000006D0000007A00000020000000780000007700000036000000790000002100000074000000620000006F00000069", "00000059000000570000003D00000049", "0000005900000057000000200000004A0000006A0000000A", "000000360000003100000036"},
		[]string{"hex(encode(s, 'ISO-8859-1'))", "61", "NULL", "", "E961", "NULL", "4D5A5857363D3D3D", "6D7A20787736792174626F69", "59573D49", "5957204A6A0A", "363136"},
		[]string{"hex(encode(s, 'US-ASCII'))", "61", "NULL", "", "NULL", "NULL", "4D5A5857363D3D3D", "6D7A20787736792174626F69", "59573D49", "5957204A6A0A", "363136"},
		[]string{"to_base32(unhex(h))", "NULL", "", "EA======", "AD7Q====", "EBQWEIBA", "YOU6NF5F", "MHBGF4EAQBQ63HY=", "737QAYIA5E======", "777D3WAA3Y======", "AAAP57YAAH3AA==="},
		[]string{"to_base32(s)", "ME======", "NULL", "", "YOUWC===", "42L2L4E7TCAA====", "JVNFQVZWHU6T2===", "NV5CA6DXGZ4SC5DCN5UQ====", "LFLT2SI=", "LFLSASTKBI======", "GYYTM==="},
		[]string{"hex(from_base32(s))", "00", "NULL", "", "00", "", "666F6F", "666F6F626172", "C5", "C592", "F7"},
		[]string{"hex(to_binary(s))", "0A", "NULL", "", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "0616"},
		[]string{"hex(try_to_binary(s, 'base64'))", "NULL", "NULL", "", "NULL", "NULL", "NULL", "NULL", "NULL", "616263", "EB5E"},
		[]string{"hex(to_binary(s, 'utf8'))", "61", "NULL", "", "C3A961", "E697A5F09F9880", "4D5A5857363D3D3D", "6D7A20787736792174626F69", "59573D49", "5957204A6A0A", "363136"},
		[]string{"quote(s)", "'a'", "NULL", "''", "'éa'", "'日😀'", "'MZXW6==='", "'mz xw6y!tboi'", "'YW=I'", "'YW Jj\n'", "'616'"},
		[]string{"quote(s || '\\'\\\\')", "'a\\'\\'", "NULL", "'\\'\\'", "'éa\\'\\'", "'日😀\\'\\'", "'MZXW6===\\'\\'", "'mz xw6y!tboi\\'\\'", "'YW=I\\'\\'", "'YW Jj\n\\'\\'", "'616\\'\\'"},
	)
}

// distanceCases compare texts by characters, and write numbers in other bases.
func distanceCases() []Case {
	a := column("a", sql.String, nil, "", "kitten", "éa", "日本語", "MARTHA", "DIXON", "a", "abcdefgh", "0123456789")
	b := column("b", sql.String, "x", "", "sitting", "éb", "日語", "MARHTA", "DICKSONX", nil, "abcdxxxx", "9876543210")
	n := column("n", sql.Int, 1, 0, 2, 0, 1, 2, -1, 0, 5, nil)
	v := column("v", sql.String, "-0", "-10", "18446744073709551615", "9223372036854775808", "-9223372036854775808", "-9223372036854775809", "1e3", " 7 ", "", "zz")
	return answers("distances", Table{a, b, n, v},
		[]string{"levenshtein(a, b)", "NULL", "0", "3", "1", "1", "2", "4", "NULL", "4", "10"},
		[]string{"levenshtein(a, b, n)", "NULL", "0", "-1", "-1", "1", "2", "-1", "NULL", "4", "-1"},
		[]string{"levenshtein(b, a)", "NULL", "0", "3", "1", "1", "2", "4", "NULL", "4", "10"},
		[]string{"jaro_winkler_similarity(a, b)", "NULL", "1.0", "0.746031746031746", "0.7", "0.6499999999999999", "0.9611111111111111", "0.8133333333333332", "NULL", "0.8", "0.43333333333333335"},
		[]string{"jaro_winkler_similarity(b, a)", "NULL", "1.0", "0.746031746031746", "0.7", "0.6499999999999999", "0.9611111111111111", "0.8133333333333332", "NULL", "0.8", "0.43333333333333335"},
		[]string{"conv(v, 10, -16)", "-0", "-A", "-1", "-8000000000000000", "-8000000000000000", "-7FFFFFFFFFFFFFFF", "1", "7", "NULL", "0"},
		[]string{"conv(v, 16, -10)", "-0", "-16", "-1", "-1", "-1", "-1", "483", "7", "NULL", "0"},
		[]string{"conv(v, 36, -2)", "-0", "-100100", "-1", "-1", "-1", "-1", "11100001011", "111", "NULL", "10100001111"},
		[]string{"conv(v, 36, 36)", "0", "3W5E11264SGRG", "3W5E11264SGSF", "3W5E11264SGSF", "3W5E11264SGSF", "3W5E11264SGSF", "1E3", "7", "NULL", "ZZ"},
	)
}
